package generated_test

import (
	"math"
	"reflect"
	"strings"

	"github.com/normgen/normgen/generated/powernorm"
	"github.com/normgen/normgen/generated/standard"
	"github.com/normgen/normgen/generated/variants"
	"github.com/normgen/normgen/runtime"
)

// A construct makes a norm of each storage type.
type construct struct {
	f32 func(cols int, knobs map[string]float64) (runtime.Norm, error)
	f64 func(cols int, knobs map[string]float64) (runtime.Norm64, error)
}

// constructs are the generated norms by name.
var constructs = map[string]construct{
	"LayerNorm":           constructOf(standard.NewLayerNorm, standard.NewLayerNorm64),
	"RMSNorm":             constructOf(standard.NewRMSNorm, standard.NewRMSNorm64),
	"BatchNorm":           constructOf(standard.NewBatchNorm, standard.NewBatchNorm64),
	"PNV":                 constructOf(powernorm.NewPNV, powernorm.NewPNV64),
	"PowerNorm":           constructOf(powernorm.NewPowerNorm, powernorm.NewPowerNorm64),
	"PowerNormReleased":   constructOf(powernorm.NewPowerNormReleased, powernorm.NewPowerNormReleased64),
	"RMSNormBias":         constructOf(variants.NewRMSNormBias, variants.NewRMSNormBias64),
	"RMSNormUnit":         constructOf(variants.NewRMSNormUnit, variants.NewRMSNormUnit64),
	"RMSNormOutside":      constructOf(variants.NewRMSNormOutside, variants.NewRMSNormOutside64),
	"RMSNormPartial":      constructOf(variants.NewRMSNormPartial, variants.NewRMSNormPartial64),
	"BatchNormCumulative": constructOf(variants.NewBatchNormCumulative, variants.NewBatchNormCumulative64),
	"BatchNormUntracked":  constructOf(variants.NewBatchNormUntracked, variants.NewBatchNormUntracked64),
	"PowerNormWarm":       constructOf(variants.NewPowerNormWarm, variants.NewPowerNormWarm64),
}

func constructOf[O any, A runtime.NormOf[float32], B runtime.NormOf[float64]](
	f32 func(int, O) (A, error), f64 func(int, O) (B, error)) construct {
	return construct{
		func(cols int, knobs map[string]float64) (runtime.Norm, error) {
			return norm[float32](f32(cols, options[O](knobs)))
		},
		func(cols int, knobs map[string]float64) (runtime.Norm64, error) {
			return norm[float64](f64(cols, options[O](knobs)))
		}}
}

// options sets the fields named like the knobs. A knob without a field is a
// mistake in a route.
func options[O any](knobs map[string]float64) O {
	var o O
	v := reflect.ValueOf(&o).Elem()
	for name, k := range knobs {
		f := v.FieldByName(strings.ToUpper(name[:1]) + name[1:])
		switch {
		case f.Kind() == reflect.Int:
			f.SetInt(int64(math.Round(k)))
		case k == 0:
			f.SetFloat(runtime.Zero)
		default:
			f.SetFloat(k)
		}
	}
	return o
}
