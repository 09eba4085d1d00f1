// Package bleu scores translations as sacreBLEU does: corpus BLEU of 1 to 4 words
// (Papineni et al. 2002) with exponential smoothing, over one or more references.
//
// A [Metric] says how text becomes words. [WMT] is what sacreBLEU computes when
// nothing is chosen, for translations in their final form; [Tokenized] is for text
// that is tokenized already and of which the case does not count, as the published
// numbers for IWSLT14 and Multi30k are. Scores of different metrics cannot be
// compared, so a score is printed with its [Metric.Signature].
package bleu
