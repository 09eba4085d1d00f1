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

// CheckKnobs refuses knobs that are not finite numbers.
func CheckKnobs(norm string, knob ...float64) error {
	for i, v := range knob {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s: knob %d is %v", norm, i+1, v)
		}
	}
	return nil
}

// CheckCols refuses column counts below 1, too large to index, or, if sizes are
// given, not among them.
func CheckCols(norm string, cols int, sizes ...int) error {
	if cols < 1 || cols > math.MaxInt32 {
		return fmt.Errorf("%s: %d columns", norm, cols)
	}
	for _, s := range sizes {
		if s == cols {
			return nil
		}
	}
	if len(sizes) > 0 {
		return fmt.Errorf("%s: %d columns: generated for %v only", norm, cols, sizes)
	}
	return nil
}

// CheckGroups refuses a number of groups that does not divide the columns.
func CheckGroups(norm string, cols, groups int) error {
	if groups < 1 || cols%groups != 0 {
		return fmt.Errorf("%s: %d columns do not split into %d groups", norm, cols, groups)
	}
	return nil
}
