package runtime

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A Maker makes a generated norm that fits [Norm], by its name and those of its
// knobs. Generated packages list theirs, so that a program can let its user choose.
type Maker struct {
	Name  string
	Knobs []KnobSpec
	Mixes bool // in training, a row of the output may depend on other rows of the pass

	// New and New64 make a layer of so many columns with all knobs, in the order
	// of Knobs; one is nil if its storage type was not generated.
	New   func(cols int, knob []float64) (Norm, error)
	New64 func(cols int, knob []float64) (Norm64, error)
}

// A KnobSpec is a number that is chosen when a layer is made.
type KnobSpec struct {
	Name    string
	Default float64
	Size    bool // the size of an axis: a whole number, at least 1
}

// Make makes a layer of so many columns. Knobs that are not set have their
// defaults. It returns an error if a knob or a size does not fit the spec.
func (m *Maker) Make(cols int, set map[string]float64) (Norm, error) {
	return makeNorm(m, m.New, cols, set)
}

// Make64 is Make over float64.
func (m *Maker) Make64(cols int, set map[string]float64) (Norm64, error) {
	return makeNorm(m, m.New64, cols, set)
}

func makeNorm[T Float](m *Maker, of func(int, []float64) (NormOf[T], error), cols int, set map[string]float64) (NormOf[T], error) {
	if of == nil {
		return nil, fmt.Errorf("%s was not generated for %T: its gen item has no such dtype", m.Name, T(0))
	}
	knob, err := m.values(set)
	if err != nil {
		return nil, err
	}
	n, err := of(cols, knob)
	if err != nil {
		return nil, err // n holds a nil layer, and is not nil itself
	}
	return n, nil
}

// values are those of all knobs in order.
func (m *Maker) values(set map[string]float64) ([]float64, error) {
	known := 0
	out := make([]float64, len(m.Knobs))
	for i, k := range m.Knobs {
		out[i] = k.Default
		v, ok := set[k.Name]
		if !ok {
			continue
		}
		known++
		if k.Size && (v < 1 || v > math.MaxInt32 || v != math.Trunc(v)) {
			return nil, fmt.Errorf("%s: %s = %v: it is the size of an axis, a whole number from 1 on", m.Name, k.Name, v)
		}
		out[i] = v
	}
	if known < len(set) {
		return nil, m.unknown(set)
	}
	return out, nil
}

// unknown names the knobs that m does not have.
func (m *Maker) unknown(set map[string]float64) error {
	var no []string
	for name := range set {
		if !slices.ContainsFunc(m.Knobs, func(k KnobSpec) bool { return k.Name == name }) {
			no = append(no, name)
		}
	}
	slices.Sort(no)
	return fmt.Errorf("%s has no knob %s: it is %s", m.Name, strings.Join(no, ", "), m)
}

// String is the norm with its knobs and their defaults, as a spec has them.
func (m *Maker) String() string {
	if len(m.Knobs) == 0 {
		return m.Name
	}
	var knobs []string
	for _, k := range m.Knobs {
		knobs = append(knobs, k.Name+" = "+strconv.FormatFloat(k.Default, 'g', -1, 64))
	}
	return m.Name + "(" + strings.Join(knobs, ", ") + ")"
}
