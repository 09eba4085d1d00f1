package interp

import (
	"fmt"

	"github.com/normgen/normgen/gen/ir"
)

// SizesOf gives each axis of l its size: from the spec, from a knob, or by the
// name of the axis or of the split axis that it is a factor of.
func SizesOf(l *ir.Layer, knobs map[string]float64, named map[string]int) ([]int, error) {
	sizes := make([]int, len(l.Axes))
	for i, a := range l.Axes {
		sizes[i] = open
		if n, ok := named[a.Name]; ok {
			sizes[i] = n
		}
		if k, ok := knobs[a.Knob]; ok && a.Knob != "" {
			sizes[i] = int(k)
		}
		if a.Size > 0 {
			sizes[i] = a.Size
		}
	}
	for _, p := range l.Products {
		if whole, ok := named[p.Name]; ok {
			if err := split(l, p, whole, sizes); err != nil {
				return nil, err
			}
		}
	}
	for i, a := range l.Axes {
		if sizes[i] < 0 {
			return nil, fmt.Errorf("interp: %s: axis %s has no size", l.Name, a.Name)
		}
	}
	return sizes, nil
}

// open is the size of an axis that has none yet.
const open = -1

// split gives the factor of p that has no size what the others leave of whole.
func split(l *ir.Layer, p ir.Product, whole int, sizes []int) error {
	known, last := 1, open
	for _, f := range p.Factors {
		if sizes[f] == open {
			last = f
			continue
		}
		known *= sizes[f]
	}
	if known < 1 || whole%known != 0 || last == open && whole != known {
		return fmt.Errorf("interp: %s: %s = %d does not split into %d", l.Name, p.Name, whole, known)
	}
	if last != open {
		sizes[last] = whole / known
	}
	return nil
}
