package probe

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/normgen/normgen/generated"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer"
)

const (
	rows, cols = 24, 8
	movement   = 0.1
)

// A stage is a norm with what a pass gives it, and the reference's running averages.
type stage struct {
	norm         runtime.Norm
	work         *runtime.Work
	position     *transformer.Position
	x, y, dx, dy runtime.View
	keep         []bool
	random       *rand.Rand
	running      map[string][]float64
}

func newStage(t *testing.T, name string) *stage {
	t.Helper()
	for _, m := range generated.Catalogue() {
		if m.Name != name {
			continue
		}
		n, err := m.Make(cols, nil)
		if err != nil {
			t.Fatal(err)
		}
		s := &stage{norm: n, work: n.NewWork(rows), position: &transformer.Position{Name: "here", Norm: n}, random: rand.New(rand.NewPCG(3, 4)), running: map[string][]float64{}}
		for _, v := range []*runtime.View{&s.x, &s.y, &s.dx, &s.dy} {
			*v = runtime.Matrix(make([]float32, rows*cols), rows, cols)
		}
		for i := range rows {
			s.keep = append(s.keep, i%5 != 2)
		}
		for _, p := range n.Params() {
			for j := range p.Data {
				p.Data[j] = 1 + float32(j)/4
			}
		}
		return s
	}
	t.Fatalf("no norm %s", name)
	return nil
}

// pass trains the norm on new numbers and shows it to the probe.
func (s *stage) pass(t *testing.T, p *Probe, i int) {
	t.Helper()
	for j := range s.x.Data {
		s.x.Data[j] = float32(float64(j%cols) + (1+0.2*float64(i))*s.random.NormFloat64())
		s.dy.Data[j] = float32(s.random.NormFloat64())
	}
	if err := s.norm.Forward(s.work, s.y, s.x, s.keep); err != nil {
		t.Fatal(err)
	}
	if err := s.norm.Backward(s.work, s.dx, s.dy, runtime.Overwrite); err != nil {
		t.Fatal(err)
	}
	p.Observe(transformer.Sight{Position: s.position, Work: s.work, X: s.x, Y: s.y, DX: s.dx, DY: s.dy, Keep: s.keep})
}

// statistics are those of a column by their definitions.
func (s *stage) statistics(j int) map[string]float64 {
	var x, g []float64
	for i := range rows {
		if s.keep[i] {
			x = append(x, float64(s.x.Row(i)[j]))
			g = append(g, float64(s.dy.Row(i)[j])*float64(s.norm.Params()[0].Data[j]))
		}
	}
	n := float64(len(x))
	out := map[string]float64{}
	for _, v := range x {
		out["mu"] += v / n
		out["psi2"] += v * v / n
	}
	for _, v := range x {
		out["sigma2"] += (v - out["mu"]) * (v - out["mu"]) / n
	}
	for i := range x { // gradients of the sum over rows
		out["g_mu"] += g[i]
		out["g_sigma2"] += g[i] * (x[i] - out["mu"]) / math.Sqrt(out["sigma2"]+1e-5)
		out["g_psi2"] += g[i] * x[i] / math.Sqrt(out["psi2"]+1e-5)
	}
	return out
}

// reference moves the running averages and returns the distances from them before.
func (s *stage) reference() map[string]Reading {
	out := map[string]Reading{}
	var meanGap, deviationGap, deviation float64
	sums, sizes := map[string]float64{}, map[string]float64{}
	for j := range cols {
		stats := s.statistics(j)
		if len(s.running["mu"]) == cols {
			sigma := math.Sqrt(s.running["sigma2"][j])
			meanGap += math.Pow(stats["mu"]-s.running["mu"][j], 2)
			deviationGap += math.Pow(math.Sqrt(stats["sigma2"])-sigma, 2)
			deviation += sigma * sigma
		}
		for q, v := range stats {
			if len(s.running[q]) < cols { // the first pass
				s.running[q] = append(s.running[q], v)
				continue
			}
			d := v - s.running[q][j]
			sums[q] += d * d
			sizes[q] += v * v
			s.running[q][j] += movement * d
		}
	}
	for q, sum := range sums {
		out[q] = Reading{"here", q, math.Sqrt(sum) / cols, math.Sqrt(sizes[q]) / cols}
	}
	out["tid_mu"] = Reading{"here", "tid_mu", math.Sqrt(meanGap / deviation), 1}
	out["tid_sigma"] = Reading{"here", "tid_sigma", math.Sqrt(deviationGap / deviation), 1}
	return out
}

// TestReadings compares with the definitions, in float64 and element by element. Inputs
// are rounded to float32, and so are the running averages: 2^-24 for each of them, of
// numbers up to 60 (psi2 of a mean of 7), over distances from 0.01 on, is 4e-4 at the most.
func TestReadings(t *testing.T) {
	for _, name := range []string{"LayerNorm", "BatchNorm", "PNV", "PowerNorm"} {
		s := newStage(t, name)
		p := &Probe{sites: []*site{newSite(s.position, rows)}}
		for i := range 6 {
			s.pass(t, p, i)
			if err := s.norm.Commit(s.work); err != nil {
				t.Fatal(err)
			}
			want := s.reference()
			got := map[string]Reading{}
			for _, r := range p.Readings() {
				got[r.Quantity] = r
			}
			if i == 0 {
				if _, ok := got["mu"]; ok {
					t.Errorf("%s: a distance from running averages in the first pass", name)
				}
				continue
			}
			for q, w := range want {
				if g := got[q]; math.Abs(g.Distance-w.Distance) > 4e-4*w.Distance || math.Abs(g.Size-w.Size) > 4e-4*w.Size {
					t.Errorf("%s, pass %d: %+v, want %+v", name, i, g, w)
				}
			}
		}
	}
}

// TestOwn: what a norm holds is read by name. Batch normalization moves its states by a
// tenth of their distance, PowerNorm trains on the values that inference uses, and
// LayerNorm holds nothing.
func TestOwn(t *testing.T) {
	for _, c := range []struct {
		norm      string
		own       []string
		steady    bool // training and inference are alike
		rate      float64
		ownStates int
	}{{"BatchNorm", []string{"running_mean", "running_var"}, false, 0.1, 2}, {"PNV", []string{"running_ms"}, false, 0.1, 1},
		{"PowerNorm", []string{"psi2"}, true, 0.1, 2}, {"LayerNorm", nil, true, 0, 0}} {
		s := newStage(t, c.norm)
		p := &Probe{sites: []*site{newSite(s.position, rows)}}
		s.pass(t, p, 0)
		if err := s.norm.Commit(s.work); err != nil {
			t.Fatal(err)
		}
		got := map[string]Reading{}
		states := 0
		for _, r := range p.Readings() {
			got[r.Quantity] = r
			if r.Quantity[:3] == "sta" {
				states++
			}
		}
		if states != c.ownStates {
			t.Errorf("%s: %d states", c.norm, states)
		}
		for _, name := range c.own {
			own, moved := got["own:"+name].Distance, got["state:"+name].Distance
			// running_var is moved by the unbiased variance, n/(n-1) of the one that is read.
			if slack := 0.06; own == 0 || math.Abs(moved-c.rate*own) > slack*moved {
				t.Errorf("%s: %s is %v away and moved by %v", c.norm, name, own, moved)
			}
		}
		if steady := got["output"].Distance == 0; steady != c.steady || got["output"].Size == 0 {
			t.Errorf("%s: output %+v", c.norm, got["output"])
		}
	}
}

// TestSeveralPasses: readings are means over the passes of a step.
func TestSeveralPasses(t *testing.T) {
	alone, together := newStage(t, "PNV"), newStage(t, "PNV")
	p, q := &Probe{sites: []*site{newSite(alone.position, rows)}}, &Probe{sites: []*site{newSite(together.position, rows)}}
	sum := 0.0
	alone.pass(t, p, 0)
	together.pass(t, q, 0)
	p.Readings()
	q.Readings()
	for i := range 3 {
		alone.pass(t, p, i)
		sum += p.Readings()[2].Distance
		together.pass(t, q, i)
	}
	if got := q.Readings()[2]; math.Abs(got.Distance-sum/3) > 1e-15 || got.Quantity != "psi2" {
		t.Errorf("%+v, want %v", got, sum/3)
	}
	if more := q.Readings(); len(more) != 0 {
		t.Errorf("%d readings of no step", len(more))
	}
}

func ExampleReading() {
	fmt.Println(Quantities)
	// Output: [mu sigma2 psi2 g_mu g_sigma2 g_psi2 output tid_mu tid_sigma]
}
