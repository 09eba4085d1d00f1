package generated_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/gates"
)

// A special is an input of which one set holds special values, and what becomes of
// the set by norm, one letter for each element: n NaN, 0 and - zeros by sign, z a zero
// of either sign, f finite, * for all others. Statistics are after the step.
type special struct {
	name                                 string
	fill                                 func(i int, x float32) float32 // of the set
	centred, rms, batch, runMean, runVar string
	infer                                string
}

var (
	nan, inf = float32(math.NaN()), float32(math.Inf(1))

	// at puts v at element 3.
	at = func(v float32) func(i int, x float32) float32 {
		return func(i int, x float32) float32 {
			if i == 3 {
				return v
			}
			return x
		}
	}
	all = func(v float32) func(i int, x float32) float32 { return func(int, float32) float32 { return v } }

	// specials is what PyTorch does, with two differences. A constant set is exactly
	// beta, without noise. And the running mean of a channel with an infinity is NaN,
	// where PyTorch keeps the infinity: centred sums subtract it from itself. Its
	// variance is NaN for both, so the channel is lost either way. Where a sum
	// overflows, statistics may be NaN too, where PyTorch has a mean and an infinite
	// variance; they are never numbers that are wrong.
	specials = []special{
		{"one NaN", at(nan), "*n", "*n", "*n", "n", "n", "3n"},
		{"one +Inf", at(inf), "*n", "3n *z", "*n", "n", "n", "3+"},
		{"one -Inf", at(-inf), "*n", "3n *z", "*n", "n", "n", "3-"},
		{"+Inf and -Inf", func(i int, x float32) float32 {
			return map[bool]float32{true: []float32{x, x, x, inf, -inf}[min(i, 4)], false: x}[i < 5]
		}, "*n", "3n 4n *z", "*n", "n", "n", "3+ 4-"},
		{"one 3e38", at(3e38), "*o", "*o", "*o", "m", "v", "*f"},
		{"one 1e20", at(1e20), "*o", "*o", "*o", "m", "v", "*f"},
		{"constant", all(0.1), "*b", "*f", "*b", "f", "f", "*f"},
		{"all -0", all(float32(math.Copysign(0, -1))), "*b", "*z", "*b", "f", "f", "*f"},
	}
)

// TestGate10Special holds what special values do to their set, and to nothing else:
// outputs, input gradients and running statistics, on every set of instructions.
func TestGate10Special(t *testing.T) {
	g := gates.Open(t, 10, "special values")
	n := 0
	for _, isa := range normtest.ISAs() {
		for _, s := range specials {
			for _, c := range []struct{ name, want string }{{"LayerNorm", s.centred}, {"GroupNormNCS", s.centred}, {"RMSNorm", s.rms}, {"BatchNorm", s.batch}} {
				for _, size := range []int{7, 40, 300} {
					specialSet(t, isa, s, c.name, c.want, size)
					n++
				}
			}
		}
	}
	g.Figure("%d runs: every element of its class, no other set or channel changes", n)
}

// specialSet makes set 1 of 3 special.
func specialSet(t *testing.T, isa runtime.ISA, s special, name, want string, size int) {
	t.Helper()
	u := planned(t)[name]
	batch := name == "BatchNorm"
	var sizes []int
	switch {
	case batch:
		sizes = normtest.EvenSizes(u, size, 3)
	case name == "GroupNormNCS":
		sizes = axisSizes(u.Layer, map[string]int{"N": 3, "G": 1, "D": 1, "C": 1, "S": size})
	default:
		sizes = normtest.EvenSizes(u, 3, size)
	}
	place := func(set, i int) int {
		if batch {
			return i*3 + set
		}
		return set*size + i
	}
	clean := normtest.NewSample[float32](u, rand.New(rand.NewPCG(10, uint64(size))), sizes, "randn", nil)
	dirty := clean
	dirty.Tensor = map[*ir.Leaf][]float32{}
	for l, x := range clean.Tensor {
		dirty.Tensor[l] = slices.Clone(x)
	}
	x := dirty.Tensor[u.Layer.Inputs[0]]
	for i := range size {
		x[place(1, i)] = s.fill(i, x[place(1, i)])
	}
	what := fmt.Sprintf("%s %v, %s, %d elements", name, isa, s.name, size)
	base, got := specialStep(t, name, isa, sizes, clean), specialStep(t, name, isa, sizes, dirty)
	for set := range 3 {
		for i := range size {
			k := place(set, i)
			y, dx := got["y"][k], got["dx"][k]
			if set != 1 {
				if !normtest.SameBits(y, base["y"][k]) || !normtest.SameBits(dx, base["dx"][k]) {
					t.Fatalf("%s: element %d of set %d changes with set 1", what, i, set)
				}
				continue
			}
			if class := classOf(want, i); !isClass(class, y, got["beta"][0]) {
				t.Fatalf("%s: element %d is %v, want class %c", what, i, y, class)
			}
			// Where a number is none or infinite, no gradient of its set is a number.
			if v := x[k]; !finiteSet(x, func(i int) int { return place(1, i) }, size) && !math.IsNaN(dx) {
				t.Fatalf("%s: gradient %d is %v of input %v, want NaN", what, i, dx, v)
			}
		}
	}
	if batch {
		for stat, class := range map[string]string{"state running_mean": s.runMean, "state running_var": s.runVar} {
			if v := got[stat][1]; !isClass(rune(class[0]), v, 0) {
				t.Fatalf("%s: %s is %v, want class %s", what, stat, v, class)
			}
			if got[stat][0] != base[stat][0] || got[stat][2] != base[stat][2] {
				t.Fatalf("%s: %s of another channel changes", what, stat)
			}
		}
		for i := range size {
			if class := classOf(s.infer, i); class != 0 && !isClass(class, got["inferred"][place(1, i)], 0) {
				t.Fatalf("%s: element %d is inferred as %v, want class %c", what, i, got["inferred"][place(1, i)], class)
			}
		}
	}
}

func finiteSet(x []float32, place func(i int) int, n int) bool {
	for i := range n {
		if v := float64(x[place(i)]); math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// classOf is the class of element i: "3n *z" is n for element 3, z for the others.
func classOf(want string, i int) rune {
	for _, w := range strings.Fields(want) {
		if w[0] == '*' || int(w[0]-'0') == i {
			return rune(w[1])
		}
	}
	return 0
}

// isClass reports whether v is of a class: o is what overflow gives, none or a zero,
// and never a wrong number.
func isClass(class rune, v, beta float64) bool {
	switch class {
	case 'n':
		return math.IsNaN(v)
	case '+':
		return math.IsInf(v, 1)
	case '-':
		return math.IsInf(v, -1)
	case 'z':
		return v == 0
	case 'b':
		return v == beta
	case 'f':
		return !math.IsNaN(v) && !math.IsInf(v, 0)
	case 'o':
		return math.IsNaN(v) || v == beta
	case 'm': // the mean of numbers below 3e38/7, moved by a tenth of it, or none
		return math.IsNaN(v) || v > 1e16 && v < 1e37
	case 'v':
		return math.IsNaN(v) || math.IsInf(v, 1)
	}
	return false
}

// specialStep trains and then infers with other states than those.
func specialStep(t *testing.T, name string, isa runtime.ISA, sizes []int, s sample[float32]) outcome {
	t.Helper()
	r := newRigOf[float32](t, name, sizes, isa)
	m := r.Mount(r.NewWork(normtest.Along(r.Unit.Rows, sizes)), s, 0)
	o := m.Train(t)
	o["beta"] = []float64{0}
	fresh := newRigOf[float32](t, name, sizes, isa)
	f := fresh.Mount(fresh.NewWork(normtest.Along(r.Unit.Rows, sizes)), s, 0)
	if err := f.Infer(); err != nil {
		t.Fatal(err)
	}
	o["inferred"] = normtest.Numbers(t, f.Out[0])
	return o
}
