// Package generated holds the library norms: one package for each spec file of
// testdata, and what makes their norms by name. Every file of the packages is output of
// normgen.
package generated

//go:generate go run ../cmd/normgen -spec ../testdata/standard.dsl -o standard
//go:generate go run ../cmd/normgen -spec ../testdata/powernorm.dsl -o powernorm
//go:generate go run ../cmd/normgen -spec ../testdata/residual.dsl -o residual
//go:generate go run ../cmd/normgen -spec ../testdata/variants.dsl -o variants
//go:generate go run ../cmd/normgen -spec ../testdata/spatial.dsl -o spatial
//go:generate go run ../cmd/normgen -spec ../testdata/scale.dsl -o scale
//go:generate go run ../cmd/normgen -spec ../testdata/weights.dsl -o weights
//go:generate go run ../cmd/normgen -spec ../testdata/batch.dsl -o batch
//go:generate go run ../cmd/normgen -spec ../testdata/conditional.dsl -o conditional
//go:generate go run ../cmd/normgen -spec ../testdata/pointwise.dsl -o pointwise
//go:generate go run ../cmd/normgen -spec ../testdata/fast/fast.dsl -o fast
