// Package checkpoint keeps the state of a run on disk: parameters, moments of the
// optimizer and running statistics as tensors, and beside them counters, such as the
// step and the position in the data, and notes, such as the configuration. A run that
// reads back what it has saved goes on bit for bit as if it had never stopped.
//
// Files are in the safetensors format, so that PyTorch and others read them. [Save]
// replaces a file as a whole: whoever opens it, even after a crash, sees the old or
// the new one. It carries a digest of all its bytes.
//
// [Import] and [Export] exchange tensors with models that have other names for them.
// Which name is which stands in a [Table] that the caller gives; this package knows
// no layer.
//
// Files are not trusted. A file that is damaged, or made to do damage, is refused
// before anything is allocated for it or changed by it, with the name of the tensor
// that is wrong.
//
// # Format, version 1
//
// The metadata of the safetensors header has these entries:
//
//	format           "normgen.1"
//	sha256           of the file, with 64 zeros in place of these digits
//	counter.NAME     a counter, in decimal
//	note.NAME        a note
package checkpoint
