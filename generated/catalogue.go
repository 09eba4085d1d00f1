package generated

import (
	"slices"

	"github.com/normgen/normgen/generated/batch"
	"github.com/normgen/normgen/generated/pointwise"
	"github.com/normgen/normgen/generated/powernorm"
	"github.com/normgen/normgen/generated/scale"
	"github.com/normgen/normgen/generated/spatial"
	"github.com/normgen/normgen/generated/standard"
	"github.com/normgen/normgen/generated/variants"
	"github.com/normgen/normgen/generated/weights"
	"github.com/normgen/normgen/runtime"
)

// Catalogue lists the library norms that a model can take by name: those of the
// packages that have some.
func Catalogue() []runtime.Maker {
	return slices.Concat(
		standard.StandardCatalogue(),
		powernorm.PowernormCatalogue(),
		variants.VariantsCatalogue(),
		scale.ScaleCatalogue(),
		batch.BatchCatalogue(),
		pointwise.PointwiseCatalogue(),
		spatial.SpatialCatalogue(),
		weights.WeightsCatalogue(),
	)
}
