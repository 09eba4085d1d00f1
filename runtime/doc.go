// Package runtime is what generated layers are written against. It knows no
// norm: a generated package hands it a [Spec] of kernels and gets a layer.
//
// A layer ([LayerOf]) has knobs, parameters, gradients and state. A pass runs in
// a work area ([WorkOf]): forward, backward, commit. Each kernel is a list of
// sweeps over the rows; between two sweeps the sums and moments over rows are
// complete. Workers take ranges of blocks of [BlockRows] rows, and a tree joins
// the blocks' reductions by their index, so bits depend neither on workers nor
// on how a batch is cut into shards ([WorkOf.Shard], [Join]).
//
// The rows of some norms are cut into segments, such as the tokens of a sample,
// with statistics of their own: [WorkOf.Shape] says how. Blocks end with their
// segment, workers take whole segments, and a sweep that needs only what the one
// before it found in the same segment follows it there ([Stage]), while the rows
// are in the cache.
//
// # Instruction sets
//
// Of the sweeps that a spec has in several instruction sets, a float32 layer takes
// the best that the processor runs ([ISA]). All have the same bits. NORM_ISA in the
// environment, or [CapISA], names the best that may be taken, and
// [LayerOf.Kernels] lists what was.
//
// # Errors
//
// Arguments that do not fit (lengths, strides, overlap, a work of another layer)
// are mistakes in the program and panic. Conditions of the data and of the order
// of calls are errors. Both come before anything is written; only the shards of
// one batch learn of a condition on the whole batch after their first sweep.
//
// # Memory
//
// A layer and its works hold all they need: Forward, Backward and Commit
// allocate nothing, nor does Infer after the first call with so many rows; Shape
// makes room for more segments than there were before. The tensors and masks of
// a forward must stay as they are until its backward.
//
// The package shadows the standard library's runtime by name; no file imports
// both.
package runtime

// Generation2 is referred to by generated files: output of a compiler that
// speaks another ABI does not compile against this package. Regenerate.
const Generation2 = 1
