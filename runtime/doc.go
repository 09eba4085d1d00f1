// Package runtime is what generated layers are written against: views of
// matrices, the work area of a pass, the tree that joins column sums, pending
// updates, and workers. It knows no norm; a generated package hands it a
// [Spec] of kernels and gets a layer.
//
// The package shadows the standard library's runtime by name; no file imports
// both.
package runtime

// Generation1 is referred to by generated files: output of a compiler that
// speaks another ABI does not compile against this package. Regenerate.
const Generation1 = 1
