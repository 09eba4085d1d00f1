// Package kernels is what Transformers compute between matrix products, compiled
// by normgen from kernels.dsl like any norm.
package kernels

//go:generate go run ../../../cmd/normgen -spec kernels.dsl
