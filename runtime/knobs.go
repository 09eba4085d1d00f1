package runtime

import (
	"fmt"
	"math"
	"strings"
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

// SplitGroups returns the number of groups that factors make of cols: their
// product. It returns an error if a factor does not divide what is left, or if
// what is left at the end is not inner, the size of a group (0: any).
func SplitGroups(norm string, cols, inner int, factors ...int) (int, error) {
	rest := cols
	for _, f := range factors {
		if f < 1 || rest%f != 0 {
			return 0, fmt.Errorf("%s: %d columns do not split into %s groups", norm, cols, product(factors))
		}
		rest /= f
	}
	if inner != 0 && rest != inner {
		return 0, fmt.Errorf("%s: %d columns in %s groups leave %d a group, not %d", norm, cols, product(factors), rest, inner)
	}
	return cols / rest, nil
}

func product(factors []int) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(factors), "[]"), " ", "*")
}
