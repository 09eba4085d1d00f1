package generated_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

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

// TestHard holds generated float32 to the bounds on hard inputs of up to 2^15
// elements a set, against package vectors' float64 reference.
func TestHard(t *testing.T) {
	layers := lowered(t)
	var report vectors.Report
	for _, op := range []string{"layernorm", "rmsnorm", "batchnorm", "pnv"} {
		for fill := range hardFills {
			for _, n := range []int{16, 17, 33, 100, 1000, 1 << 15} {
				c := hardCase(op, fill, n)
				if err := runCase(t, c, routes(t, c)[0], generated32, layers, &report); err != nil {
					t.Error(err)
				}
			}
		}
	}
	checkExcesses(t, &report, "hard/")
	t.Log("\n" + report.Table())
}

// hardCase makes a case of sets of n elements.
func hardCase(op, fill string, n int) *vectors.Case {
	c := &vectors.Case{Suite: "hard", ID: fmt.Sprintf("%s_%s_%d", op, fill, n), Op: op, Class: fill, Attrs: map[string]any{
		"eps": 1e-5, "normalized_dims": 1.0, "bias": false, "unit_offset": false, "eps_mode": "inside", "momentum": 0.1, "track_running_stats": true}}
	const sets = 4
	x := vectors.Tensor{Shape: []int{n, sets}, Data: make([]float64, n*sets)}
	members := vectors.ColSets(n, sets)
	if op == "layernorm" || op == "rmsnorm" {
		x.Shape, members = []int{sets, n}, vectors.RowSets(sets, n)
	}
	r := rand.New(rand.NewPCG(7, uint64(n)))
	dy := vectors.Tensor{Shape: x.Shape, Data: make([]float64, n*sets)}
	for _, set := range members {
		for i, at := range set {
			x.Data[at] = float64(float32(hardFills[fill](r, i)))
			dy.Data[at] = float64(float32(r.NormFloat64()))
		}
	}
	c.Steps = []vectors.Step{{In: map[string]vectors.Tensor{"x": x, "dy": dy}, Want: hardWant(op, x, dy, members)}}
	return c
}

// hardWant is what the reference makes of it, with gamma 1 and beta 0.
func hardWant(op string, x, dy vectors.Tensor, members [][]int) map[string]vectors.Tensor {
	cols := x.Shape[1]
	y, dx, dgamma := make([]float64, len(x.Data)), make([]float64, len(x.Data)), make([][]float64, cols)
	for _, set := range members {
		s := vectors.Uncentred(vectors.Gather(x.Data, set), nil, 1e-5)
		if op == "layernorm" || op == "batchnorm" {
			s = vectors.Centred(vectors.Gather(x.Data, set), nil, 1e-5)
		}
		ys, dxs := s.Y(nil, nil), s.Dx(vectors.Gather(dy.Data, set))
		for i, at := range set {
			y[at], dx[at] = ys[i], dxs[i]
			dgamma[at%cols] = append(dgamma[at%cols], dy.Data[at]*s.Xhat[i])
		}
	}
	sums := make([]float64, cols)
	for j, terms := range dgamma {
		sums[j] = vectors.Dot(terms, vectors.Repeat(1, len(terms)))
	}
	return map[string]vectors.Tensor{"y": {Shape: x.Shape, Data: y}, "dx": {Shape: x.Shape, Data: dx},
		"dgamma": {Shape: []int{cols}, Data: sums}}
}
