package runtime

import (
	"fmt"
	"math"
)

// Zero stands for 0 in the options of a layer, where 0 itself means the default.
const Zero = math.SmallestNonzeroFloat64

// Knob returns the value of an option: v, its default where v is 0, and 0 where
// v is Zero.
func Knob(v, otherwise float64) float64 {
	switch v {
	case 0:
		return otherwise
	case Zero:
		return 0
	}
	return v
}

// Option returns the option that stands for the value v: Zero for 0.
func Option(v float64) float64 {
	if v == 0 {
		return Zero
	}
	return v
}

// CheckKnobs refuses knobs that are not finite numbers.
func CheckKnobs(norm string, knob ...float64) error {
	for i, v := range knob {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s: knob %d is %v", norm, i+1, v)
		}
	}
	return nil
}
