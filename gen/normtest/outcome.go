package normtest

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/runtime"
)

// An Outcome is what a step leaves, by name; float64 holds either type.
type Outcome map[string][]float64

// Note adds numbers to those of a name.
func Note[T runtime.Float](o Outcome, name string, x []T) { o[name] = append(o[name], Widen(x)...) }

// Widen returns x in float64.
func Widen[T runtime.Float](x []T) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// Rounded returns x in T.
func Rounded[T runtime.Float](x []float64) []T {
	out := make([]T, len(x))
	for i, v := range x {
		out[i] = T(v)
	}
	return out
}

// SameBits reports whether a and b are the same number, or both are none.
func SameBits[T runtime.Float](a, b T) bool {
	return a == b && math.Signbit(float64(a)) == math.Signbit(float64(b)) || a != a && b != b
}

// Same fails the test if two outcomes differ in a bit.
func Same(t testing.TB, what string, got, want Outcome) {
	t.Helper()
	if d := Difference(got, want); d != "" {
		t.Fatalf("%s: %s", what, d)
	}
}

// Difference says where two outcomes differ; it is empty if they do not.
func Difference(got, want Outcome) string {
	if a, b := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(a, b) {
		return fmt.Sprintf("has %v, want %v", a, b)
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		v, g := want[name], got[name]
		if len(g) != len(v) {
			return fmt.Sprintf("%s has %d values, want %d", name, len(g), len(v))
		}
		for i := range v {
			if !SameBits(g[i], v[i]) {
				return fmt.Sprintf("%s[%d] = %v, want %v", name, i, g[i], v[i])
			}
		}
	}
	return ""
}

// Own reports whether a result is a statistic of single rows or segments.
func (r *Rig[T]) Own(result string) bool {
	name, ok := strings.CutPrefix(result, "stat ")
	if !ok {
		return false
	}
	for _, m := range []*plan.Mode{r.Unit.Train, r.Unit.Eval} {
		for _, s := range m.Mode.Stats {
			if s.Name == name {
				return s.Axes.Has(1 << r.Unit.Rows[0])
			}
		}
	}
	return false
}

// Mergeable reports whether several passes can be committed at once: no update
// reads a statistic that depends on another one of the batch.
func (r *Rig[T]) Mergeable() bool {
	for _, up := range r.Unit.Train.Mode.Updates {
		for _, s := range up.Stats {
			if s.Merge == ir.MergeNone {
				return false
			}
		}
	}
	return true
}
