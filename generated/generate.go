// Package generated holds the library norms: one package for each spec file of
// testdata, and what makes their norms by name. Every file of the packages is output of
// normgen.
package generated

//go:generate go run ../cmd/normgen -fuzz -spec ../testdata/standard.dsl -o standard
//go:generate go run ../cmd/normgen -fuzz -spec ../testdata/powernorm.dsl -o powernorm
//go:generate go run ../cmd/normgen -fuzz -spec ../testdata/residual.dsl -o residual
//go:generate go run ../cmd/normgen -fuzz -spec ../testdata/variants.dsl -o variants
//go:generate go run ../cmd/normgen -fuzz -spec ../testdata/spatial.dsl -o spatial
//go:generate go run ../cmd/normgen -fuzz -spec ../testdata/scale.dsl -o scale
//go:generate go run ../cmd/normgen -fuzz -spec ../testdata/weights.dsl -o weights
//go:generate go run ../cmd/normgen -fuzz -spec ../testdata/batch.dsl -o batch
//go:generate go run ../cmd/normgen -fuzz -spec ../testdata/conditional.dsl -o conditional
//go:generate go run ../cmd/normgen -fuzz -spec ../testdata/pointwise.dsl -o pointwise
//go:generate go run ../cmd/normgen -fuzz -spec ../testdata/fast/fast.dsl -o fast
