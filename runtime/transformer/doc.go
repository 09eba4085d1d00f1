// Package transformer has Transformer language models and translators that take
// any norm: [LMOf] and [TranslatorOf]. [TrainerOf] trains them.
//
// A norm is a [runtime.NormOf]; nothing here knows one by name. Padding goes to the
// norms as their mask, and to attention. The norms of a step's passes are
// committed together, once.
//
// # Batch statistics and causality
//
// A norm whose statistics run over the batch mixes what causal attention keeps
// apart: in training every position sees, through the statistics, the other
// positions of its sequence, later ones too, and the other sequences. What such
// a model reaches in training says less about prediction than for a norm of
// rows. In evaluation and decoding running statistics stand in and the model is causal.
//
// # Bits
//
// Everything is a function of config, training and batches: equal bits for any
// number of workers and any instruction set of the norms, as long as the matrix
// products are computed by the same library with the same kernels.
package transformer
