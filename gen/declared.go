package gen

import (
	"fmt"
	"math"

	"github.com/normgen/normgen/gen/grad"
	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
)

// checkDeclared compares the declared backward with the derivative on random
// points. A backward that is not marked approximate claims to be the
// derivative, and a claim that nothing checks is a bug waiting.
func (l *lowering) checkDeclared(mode *ir.Mode, cotangents, wrt []*ir.Leaf) error {
	derived, err := grad.Derive(mode.Forward, cotangents, wrt)
	if err != nil {
		return err
	}
	for seed := range uint64(4) {
		env := interp.Sample(seed, interp.Sizes(l.layer, seed), derived, mode.Backward)
		got, err := interp.Run(mode.Backward, env)
		if err != nil {
			return err
		}
		want, err := interp.Run(derived, env)
		if err != nil {
			return err
		}
		for i, leaf := range wrt {
			if d := distance(got[i], want[i]); !(d <= 1e-9) {
				return fmt.Errorf("the declared gradient of %s is not the derivative (it differs by %.2g of its size): correct it or write approximate", leaf.Name, d)
			}
		}
	}
	return nil
}

// distance is the largest difference relative to the largest element.
func distance(a, b []float64) float64 {
	var d, size float64
	for i := range a {
		d = math.Max(d, math.Abs(a[i]-b[i]))
		size = math.Max(size, math.Max(math.Abs(a[i]), math.Abs(b[i])))
	}
	if d == 0 {
		return 0
	}
	return d / size
}
