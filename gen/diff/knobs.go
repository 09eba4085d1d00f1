package diff

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/normgen/normgen/gen/ir"
)

// shared lists the knobs that both norms have and that steer no axis.
func (p *pairing) shared() []string {
	var out []string
	for _, k := range p.a.layer.Knobs {
		if p.a.free(k.Name) && p.b.free(k.Name) {
			out = append(out, k.Name)
		}
	}
	return out
}

// free reports whether s has a knob of that name that may have any value.
func (s *side) free(name string) bool {
	return !s.steersAxis(name) && slices.ContainsFunc(s.layer.Knobs, func(k ir.Knob) bool { return k.Name == name && !k.Fixed })
}

// otherKnobs looks at other values of the knobs that both norms have: where
// the defaults differ, whether that is all that differs; where nothing
// differs, whether it is so for other values.
func (r *Report) otherKnobs() error {
	different := slices.DeleteFunc(r.shared(), func(k string) bool { return r.a.knobs[k] == r.b.knobs[k] })
	switch {
	case len(different) > 0:
		return r.withKnobsOfA(different)
	case len(r.shared()) > 0 && r.Equal():
		return r.withRandomKnobs()
	}
	return nil
}

func (r *Report) withKnobsOfA(different []string) error {
	values := map[string]float64{}
	for _, k := range different {
		values[k] = r.a.knobs[k]
	}
	other, err := r.with(values)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("with %s in b as in a, ", knobText(values))
	switch names := other.names(true); {
	case slices.Equal(names, r.names(true)):
		text += "the same results differ"
	case len(names) == 0:
		text += "all results are equal"
	default:
		text += "these differ: " + strings.Join(names, ", ")
	}
	r.Remarks = append(r.Remarks, text)
	return nil
}

// knobDraws is how many other values are tried.
const knobDraws = 2

func (r *Report) withRandomKnobs() error {
	for seed := range uint64(knobDraws) {
		rng := rand.New(rand.NewPCG(seed, 5))
		values := map[string]float64{}
		for _, k := range r.shared() {
			values[k] = otherValue(rng, r.a.knobs[k])
		}
		other, err := r.with(values)
		if err != nil {
			return err
		}
		if names := other.names(true); len(names) > 0 {
			r.Notes = append(r.Notes, fmt.Sprintf("equal with the knobs as they are, but with %s in both these differ: %s",
				knobText(values), strings.Join(names, ", ")))
			return nil
		}
	}
	return nil
}

// otherValue is a small count for a count, and for other numbers one that is
// smaller, so that a share stays one.
func otherValue(rng *rand.Rand, v float64) float64 {
	if v == math.Floor(v) {
		return float64(1 + rng.IntN(6))
	}
	return rounded(v*(0.2+0.6*rng.Float64()), 2)
}

// with compares anew with some knobs set on both sides.
func (r *Report) with(values map[string]float64) (*Report, error) {
	a, b := r.a.fresh(values), r.b.fresh(values)
	c, err := sides(a, b)
	if err != nil {
		return nil, err
	}
	other := &Report{A: r.A, B: r.B, comparison: c}
	return other, other.examine()
}

func (s *side) fresh(values map[string]float64) *side {
	out := &side{name: s.name, layer: s.layer, knobs: map[string]float64{}}
	for k, v := range s.knobs {
		out.knobs[k] = v
	}
	for k, v := range values {
		out.knobs[k] = v
	}
	return out
}

func knobText(values map[string]float64) string {
	var parts []string
	for k, v := range values {
		parts = append(parts, fmt.Sprintf("%s = %g", k, v))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}
