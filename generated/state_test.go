package generated

import (
	"math"
	"strings"
	"testing"

	"github.com/normgen/normgen/generated/batch"
	"github.com/normgen/normgen/generated/powernorm"
	"github.com/normgen/normgen/generated/standard"
	"github.com/normgen/normgen/runtime"
)

// TestCheckState: values that a spec rules out for a state, as a damaged checkpoint
// has them, are refused with the name of the state.
func TestCheckState(t *testing.T) {
	power, err := powernorm.NewPowerNorm(3, powernorm.PowerNormOptions{})
	if err != nil {
		t.Fatal(err)
	}
	renorm, err := batch.NewBatchRenorm64(3, batch.BatchRenormOptions{})
	if err != nil {
		t.Fatal(err)
	}
	norm, err := standard.NewBatchNorm(3, standard.BatchNormOptions{})
	if err != nil {
		t.Fatal(err)
	}
	inf := float32(math.Inf(1))
	nan := float32(math.NaN())
	for _, c := range []struct{ got, want error }{
		{power.CheckState("psi2", []float32{0, 1, inf}), nil},
		{power.CheckState("nu", []float32{-1, -inf, 0}), nil},
		{norm.CheckState("running_mean", []float32{-1, 0, 2}), nil},
		{renorm.CheckState("running_sigma", []float64{1, 0x1p-1074, 2}), nil},
		{power.CheckState("psi2", []float32{0, -0x1p-149, nan}), refused("PowerNorm: element 1 of state psi2 is -1e-45, and the spec says psi2 >= 0")},
		{power.CheckState("psi2", []float32{0, 1, nan}), refused("PowerNorm: element 2 of state psi2 is not a number")},
		{power.CheckState("nu", []float32{nan, 1, 1}), refused("PowerNorm: element 0 of state nu is not a number")},
		{power.CheckState("psi2", []float32{1, 1}), refused("PowerNorm: state psi2 has 3 elements, not 2")},
		{power.CheckState("phi", []float32{1, 1, 1}), refused(`PowerNorm: there is no state "phi"`)},
		{renorm.CheckState("running_sigma", []float64{1, 0, 2}), refused("BatchRenorm: element 1 of state running_sigma is 0, and the spec says running_sigma > 0")},
		{norm.CheckState("running_var", []float32{-1, 0, 2}), refused("BatchNorm: element 0 of state running_var is -1, and the spec says running_var >= 0")},
	} {
		if (c.got == nil) != (c.want == nil) || c.want != nil && !strings.Contains(c.got.Error(), c.want.Error()) {
			t.Errorf("error %v, want %v", c.got, c.want)
		}
	}
	var _ runtime.Norm = power
}

type refused string

func (r refused) Error() string { return string(r) }
