package generated_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/testdata/vectors"
)

// hardFills are inputs on which short cuts fail and the stored vectors do not
// insist: the elements that a shift is taken from lie far from the rest, once
// and in every block, and means are far from zero.
var hardFills = map[string]func(r *rand.Rand, i int) float64{
	"first16":    func(r *rand.Rand, i int) float64 { return r.NormFloat64() + 1e3*float64(b2i(i < 16)) },
	"first8s":    func(r *rand.Rand, i int) float64 { return r.NormFloat64() + 1e3*float64(b2i(i%32 < 8)) },
	"blocks":     func(r *rand.Rand, i int) float64 { return r.NormFloat64() + 1e4*float64(i/32%2) },
	"spike":      func(r *rand.Rand, i int) float64 { return r.NormFloat64() + 1e6*float64(b2i(i == 0)) },
	"spikes":     func(r *rand.Rand, i int) float64 { return r.NormFloat64() + 1e4*float64(b2i(i%32 == 0)) },
	"offset1e7":  func(r *rand.Rand, i int) float64 { return 1e7 + r.NormFloat64() },
	"offset1e5s": func(r *rand.Rand, i int) float64 { return 1e5 + 1e-2*r.NormFloat64() },
	"drift":      func(r *rand.Rand, i int) float64 { return r.NormFloat64() + float64(i) },
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// A hardOp is how the sets of an operation lie in a tensor, and what is made of
// one.
type hardOp struct {
	shape   func(sets, n int) []int
	columns bool                      // a set is a column, not a row
	channel func(at, sets, n int) int // whose gamma scales an element; nil: none has one
	norm    func(x []float64) vectors.Set
	length  bool // the norm divides by the length, not by the root mean square
}

func rowShape(sets, n int) []int   { return []int{sets, n} }
func colShape(sets, n int) []int   { return []int{n, sets} }
func planeShape(sets, n int) []int { return []int{1, sets, n} }

// groupShape has groups of two channels where their elements allow it.
func groupShape(sets, n int) []int { return []int{1, sets * perGroup(n), n / perGroup(n)} }

func perGroup(n int) int { return 2 - n%2 }

func inRow(at, _, n int) int       { return at % n }
func inColumn(at, sets, _ int) int { return at % sets }
func inPlane(at, _, n int) int     { return at / n }

func hardCentred(x []float64) vectors.Set   { return vectors.Centred(x, nil, 1e-5) }
func hardUncentred(x []float64) vectors.Set { return vectors.Uncentred(x, nil, 1e-5) }
func hardLength(x []float64) vectors.Set    { return vectors.Uncentred(x, nil, 0) }

var hardOps = map[string]hardOp{
	"layernorm":    {rowShape, false, inRow, hardCentred, false},
	"rmsnorm":      {rowShape, false, inRow, hardUncentred, false},
	"batchnorm":    {colShape, true, inColumn, hardCentred, false},
	"pnv":          {colShape, true, inColumn, hardUncentred, false},
	"groupnorm":    {groupShape, false, func(at, _, n int) int { return at / (n / perGroup(n)) }, hardCentred, false},
	"instancenorm": {planeShape, false, inPlane, hardCentred, false},
	"l2norm":       {rowShape, false, nil, hardLength, true},
	"weightnorm":   {rowShape, false, inPlane, hardLength, true},
}

// hardNames are what an operation calls x, dy, y, dx and dgamma, if it is not
// that.
var hardNames = map[string]map[string]string{
	"weightnorm": {"x": "v", "dy": "dw", "y": "w", "dx": "dv", "dgamma": "dg"},
}

// TestHard holds generated float32 to the bounds on hard inputs of up to 2^20
// elements a set, against package vectors' float64 reference.
func TestHard(t *testing.T) {
	layers := lowered(t)
	for _, op := range slices.Sorted(maps.Keys(hardOps)) {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			var report vectors.Report
			for fill := range hardFills {
				for _, n := range []int{16, 17, 33, 100, 1000, 1 << 15} {
					hard(t, hardCase(op, fill, n, 4), layers, &report)
				}
			}
			hard(t, hardCase(op, "offset1e7", 1<<20, 1), layers, &report)
			checkExcesses(t, &report, "hard/"+op+"_")
			t.Log("\n" + report.Table())
		})
	}
}

func hard(t *testing.T, c *vectors.Case, layers map[string]*ir.Layer, report *vectors.Report) {
	t.Helper()
	for _, r := range routes(t, c) {
		if err := runCase(t, c, r, generated32, layers, report); err != nil {
			t.Error(err)
		}
	}
}

// hardCase makes a case of sets of n elements.
func hardCase(name, fill string, n, sets int) *vectors.Case {
	c := &vectors.Case{Suite: "hard", ID: fmt.Sprintf("%s_%s_%d", name, fill, n), Op: name, Class: fill, Attrs: map[string]any{
		"eps": 1e-5, "normalized_dims": 1.0, "bias": false, "unit_offset": false, "eps_mode": "inside", "momentum": 0.1,
		"track_running_stats": name == "batchnorm", "groups": float64(sets), "dim": 0.0}}
	op := hardOps[name]
	if op.length {
		delete(c.Attrs, "eps") // no length notices the layers' own
	}
	members := vectors.RowSets(sets, n)
	if op.columns {
		members = vectors.ColSets(n, sets)
	}
	x := vectors.Tensor{Shape: op.shape(sets, n), Data: make([]float64, n*sets)}
	dy := vectors.Tensor{Shape: x.Shape, Data: make([]float64, n*sets)}
	r := rand.New(rand.NewPCG(7, uint64(n)))
	for _, set := range members {
		for i, at := range set {
			x.Data[at] = float64(float32(hardFills[fill](r, i)))
			dy.Data[at] = float64(float32(r.NormFloat64()))
		}
	}
	c.Steps = []vectors.Step{{In: hardNamed(name, map[string]vectors.Tensor{"x": x, "dy": dy}),
		Want: hardNamed(name, op.want(x, dy, sets, n, members))}}
	return c
}

// hardNamed are tensors by the names of an operation.
func hardNamed(op string, ts map[string]vectors.Tensor) map[string]vectors.Tensor {
	out := map[string]vectors.Tensor{}
	for name, x := range ts {
		if other, ok := hardNames[op][name]; ok {
			name = other
		}
		out[name] = x
	}
	return out
}

// want is what the reference makes of it, with gamma 1 and beta 0.
func (o hardOp) want(x, dy vectors.Tensor, sets, n int, members [][]int) map[string]vectors.Tensor {
	y, dx, dgamma := make([]float64, len(x.Data)), make([]float64, len(x.Data)), map[int][]float64{}
	factor := 1.0
	if o.length {
		factor = 1 / math.Sqrt(float64(n))
	}
	for _, set := range members {
		s := o.norm(vectors.Gather(x.Data, set))
		ys, dxs := s.Y(nil, nil), s.Dx(vectors.Gather(dy.Data, set))
		for i, at := range set {
			y[at], dx[at] = ys[i]*factor, dxs[i]*factor
			if o.channel != nil {
				c := o.channel(at, sets, n)
				dgamma[c] = append(dgamma[c], dy.Data[at]*s.Xhat[i]*factor)
			}
		}
	}
	out := map[string]vectors.Tensor{"y": {Shape: x.Shape, Data: y}, "dx": {Shape: x.Shape, Data: dx}}
	if o.channel != nil {
		sums := make([]float64, len(dgamma))
		for j, terms := range dgamma {
			sums[j] = vectors.Dot(terms, vectors.Repeat(1, len(terms)))
		}
		out["dgamma"] = vectors.Tensor{Shape: []int{len(sums)}, Data: sums}
	}
	return out
}
