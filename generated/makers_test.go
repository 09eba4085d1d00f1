package generated_test

import (
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/generated/pointwise"
	"github.com/normgen/normgen/generated/powernorm"
	"github.com/normgen/normgen/generated/standard"
	"github.com/normgen/normgen/generated/variants"
	"github.com/normgen/normgen/runtime"
)

// A maker makes a layer of each storage type with the knobs of testKnobs.
type maker struct {
	f32 func(cols, groups int) (runtime.NormOf[float32], error)
	f64 func(cols, groups int) (runtime.NormOf[float64], error)
}

// testKnobs are the knobs that differ from the defaults in the bit tests: a
// short warm-up, so that four steps see both of its sides.
func testKnobs(u *plan.Unit, groups int) map[string]float64 {
	out := map[string]float64{}
	for _, k := range u.Layer.Knobs {
		switch k.Name {
		case "K":
			out["K"] = float64(groups)
		case "W":
			out["W"] = 2
		}
	}
	return out
}

// norm turns a constructor's result into the interface; a nil pointer with an
// error must not become a non-nil interface.
func norm[T runtime.Float, L runtime.NormOf[T]](l L, err error) (runtime.NormOf[T], error) {
	if err != nil {
		return nil, err
	}
	return l, nil
}

var makers = map[string]maker{
	"LayerNorm": {
		func(c, g int) (runtime.Norm, error) {
			return norm[float32](standard.NewLayerNorm(c, standard.LayerNormOptions{}))
		},
		func(c, g int) (runtime.Norm64, error) {
			return norm[float64](standard.NewLayerNorm64(c, standard.LayerNormOptions{}))
		}},
	"RMSNorm": {
		func(c, g int) (runtime.Norm, error) {
			return norm[float32](standard.NewRMSNorm(c, standard.RMSNormOptions{}))
		},
		func(c, g int) (runtime.Norm64, error) {
			return norm[float64](standard.NewRMSNorm64(c, standard.RMSNormOptions{}))
		}},
	"BatchNorm": {
		func(c, g int) (runtime.Norm, error) {
			return norm[float32](standard.NewBatchNorm(c, standard.BatchNormOptions{}))
		},
		func(c, g int) (runtime.Norm64, error) {
			return norm[float64](standard.NewBatchNorm64(c, standard.BatchNormOptions{}))
		}},
	"PNV": {
		func(c, g int) (runtime.Norm, error) {
			return norm[float32](powernorm.NewPNV(c, powernorm.PNVOptions{}))
		},
		func(c, g int) (runtime.Norm64, error) {
			return norm[float64](powernorm.NewPNV64(c, powernorm.PNVOptions{}))
		}},
	"PowerNorm": {
		func(c, g int) (runtime.Norm, error) {
			return norm[float32](powernorm.NewPowerNorm(c, powernorm.PowerNormOptions{}))
		},
		func(c, g int) (runtime.Norm64, error) {
			return norm[float64](powernorm.NewPowerNorm64(c, powernorm.PowerNormOptions{}))
		}},
	"PowerNormReleased": {
		func(c, g int) (runtime.Norm, error) {
			return norm[float32](powernorm.NewPowerNormReleased(c, powernorm.PowerNormReleasedOptions{K: g, W: 2}))
		},
		func(c, g int) (runtime.Norm64, error) {
			return norm[float64](powernorm.NewPowerNormReleased64(c, powernorm.PowerNormReleasedOptions{K: g, W: 2}))
		}},
	"RMSNormBias": {
		func(c, g int) (runtime.Norm, error) {
			return norm[float32](variants.NewRMSNormBias(c, variants.RMSNormBiasOptions{}))
		},
		func(c, g int) (runtime.Norm64, error) {
			return norm[float64](variants.NewRMSNormBias64(c, variants.RMSNormBiasOptions{}))
		}},
	"RMSNormUnit": {
		func(c, g int) (runtime.Norm, error) {
			return norm[float32](variants.NewRMSNormUnit(c, variants.RMSNormUnitOptions{}))
		},
		func(c, g int) (runtime.Norm64, error) {
			return norm[float64](variants.NewRMSNormUnit64(c, variants.RMSNormUnitOptions{}))
		}},
	"RMSNormOutside": {
		func(c, g int) (runtime.Norm, error) {
			return norm[float32](variants.NewRMSNormOutside(c, variants.RMSNormOutsideOptions{}))
		},
		func(c, g int) (runtime.Norm64, error) {
			return norm[float64](variants.NewRMSNormOutside64(c, variants.RMSNormOutsideOptions{}))
		}},
	"RMSNormPartial": {
		func(c, g int) (runtime.Norm, error) {
			return norm[float32](variants.NewRMSNormPartial(c, variants.RMSNormPartialOptions{}))
		},
		func(c, g int) (runtime.Norm64, error) {
			return norm[float64](variants.NewRMSNormPartial64(c, variants.RMSNormPartialOptions{}))
		}},
	"BatchNormCumulative": {
		func(c, g int) (runtime.Norm, error) {
			return norm[float32](variants.NewBatchNormCumulative(c, variants.BatchNormCumulativeOptions{}))
		},
		func(c, g int) (runtime.Norm64, error) {
			return norm[float64](variants.NewBatchNormCumulative64(c, variants.BatchNormCumulativeOptions{}))
		}},
	"BatchNormUntracked": {
		func(c, g int) (runtime.Norm, error) {
			return norm[float32](variants.NewBatchNormUntracked(c, variants.BatchNormUntrackedOptions{}))
		},
		func(c, g int) (runtime.Norm64, error) {
			return norm[float64](variants.NewBatchNormUntracked64(c, variants.BatchNormUntrackedOptions{}))
		}},
	"PowerNormWarm": {
		func(c, g int) (runtime.Norm, error) {
			return norm[float32](variants.NewPowerNormWarm(c, variants.PowerNormWarmOptions{W: 2}))
		},
		func(c, g int) (runtime.Norm64, error) {
			return norm[float64](variants.NewPowerNormWarm64(c, variants.PowerNormWarmOptions{W: 2}))
		}},
	"DyTChannel": {
		func(c, g int) (runtime.Norm, error) {
			return norm[float32](pointwise.NewDyTChannel(c, pointwise.DyTChannelOptions{}))
		},
		func(c, g int) (runtime.Norm64, error) {
			return norm[float64](pointwise.NewDyTChannel64(c, pointwise.DyTChannelOptions{}))
		}},
	"DerfChannel": {
		func(c, g int) (runtime.Norm, error) {
			return norm[float32](pointwise.NewDerfChannel(c, pointwise.DerfChannelOptions{}))
		},
		func(c, g int) (runtime.Norm64, error) {
			return norm[float64](pointwise.NewDerfChannel64(c, pointwise.DerfChannelOptions{}))
		}},
}
