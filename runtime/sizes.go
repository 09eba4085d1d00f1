package runtime

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// CheckSize refuses sizes of an axis below 1, too large to index, or, if some
// are allowed, not among them.
func CheckSize(norm, axis string, n int, allowed ...int) error {
	if n < 1 || n > math.MaxInt32 {
		return fmt.Errorf("%s: axis %s of %d elements", norm, axis, n)
	}
	for _, a := range allowed {
		if a == n {
			return nil
		}
	}
	if len(allowed) > 0 {
		return fmt.Errorf("%s: axis %s of %d elements: generated for %v only", norm, axis, n, allowed)
	}
	return nil
}

// Split returns the sizes of the factors of an axis, outermost first. At most
// one factor may be 0: unknown, and becomes what the others leave of total.
func Split(norm, axis string, total int, factors ...int) ([]int, error) {
	unknown, rest := -1, total
	for i, f := range factors {
		if f == 0 && unknown < 0 {
			unknown = i
			continue
		}
		if f < 1 || rest%f != 0 {
			return nil, fmt.Errorf("%s: the %d elements of axis %s do not split into %s", norm, total, axis, factored(factors))
		}
		rest /= f
	}
	sizes := append([]int(nil), factors...)
	switch {
	case unknown >= 0:
		sizes[unknown] = rest
	case rest != 1:
		return nil, fmt.Errorf("%s: the %d elements of axis %s are not %s", norm, total, axis, factored(factors))
	}
	return sizes, nil
}

// factored writes factors as a product, unknown ones as question marks.
func factored(factors []int) string {
	out := make([]string, len(factors))
	for i, f := range factors {
		if out[i] = strconv.Itoa(f); f == 0 {
			out[i] = "?"
		}
	}
	return strings.Join(out, "*")
}

// extents returns the number of elements of each shape.
func (s *Spec[T]) extents(size []int) ([]int, error) {
	out := make([]int, len(s.Shapes))
	for i, shape := range s.Shapes {
		n := 1
		for _, axis := range shape {
			if err := CheckSize(s.Name, s.Axes[axis], size[axis]); err != nil {
				return nil, err
			}
			if size[axis] > math.MaxInt32/n {
				return nil, fmt.Errorf("%s: axes %v of %v elements are too large together", s.Name, s.Axes, size)
			}
			n *= size[axis]
		}
		out[i] = n
	}
	return out, nil
}
