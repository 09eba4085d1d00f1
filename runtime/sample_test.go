package runtime

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// whole runs a case in one work.
func (c sampleCase) whole(t testing.TB, pool Pool) outcome {
	t.Helper()
	p := newSamplePass(t, newLayer(t, sampleSpec(), 2, sampleDepth), c, pool)
	must(t, p.forward(p.w.RunForward))
	must(t, p.backward(Overwrite, p.w.RunBackward))
	o := outcome{}
	p.note(o)
	return o
}

// shards runs a case cut before these samples.
func (c sampleCase) shards(t testing.TB, pool Pool, cuts ...int) outcome {
	t.Helper()
	l := newLayer(t, sampleSpec(), 2, sampleDepth)
	var passes []*samplePass
	var works []*WorkOf[float64]
	lo := 0
	for _, hi := range append(cuts, c.samples) {
		p := newSamplePass(t, l, c.part(lo, hi), pool)
		must(t, p.w.Shard(lo*c.rows))
		passes, works, lo = append(passes, p), append(works, p.w), hi
	}
	all := func(start func(p *samplePass) error) {
		t.Helper()
		for _, p := range passes {
			must(t, start(p))
		}
		for !works[0].Done() {
			for _, w := range works {
				w.Sweep()
			}
			must(t, Join(works...))
		}
	}
	all(func(p *samplePass) error { return p.forward(p.w.StartForward) })
	all(func(p *samplePass) error { return p.backward(Overwrite, p.w.StartBackward) })
	o := outcome{}
	for _, p := range passes {
		p.note(o)
	}
	return o
}

func eachSampleCase(t *testing.T, f func(what string, c sampleCase)) {
	// Samples and their rows: none, few, and around a block of 32.
	for _, s := range [][2]int{{0, 4}, {1, 1}, {7, 1}, {3, 31}, {2, 32}, {5, 33}, {9, 70}, {70, 5}} {
		for _, masked := range []bool{false, true} {
			f(fmt.Sprintf("%d samples of %d rows, masked %v", s[0], s[1], masked), newSampleCase(s[0], s[1], masked))
		}
	}
}

// TestSegments holds reductions of every scope to the plain computation. 1e-12
// is what adding some hundred numbers of size 10 in another order may cost.
func TestSegments(t *testing.T) {
	eachSampleCase(t, func(what string, c sampleCase) {
		got, want := c.whole(t, Serial), c.plain()
		for name, v := range got {
			if len(want[name]) != len(v) {
				t.Fatalf("%s: %s has %d elements, want %d", what, name, len(v), len(want[name]))
			}
			for i, x := range want[name] {
				if !(math.Abs(v[i]-x) <= 1e-12*max(1, math.Abs(x))) {
					t.Fatalf("%s: %s[%d] is %v, want %v", what, name, i, v[i], x)
				}
			}
		}
	})
}

func sameBits(t testing.TB, what string, got, want outcome) {
	t.Helper()
	for name, v := range want {
		if len(got[name]) != len(v) {
			t.Fatalf("%s: %s has %d elements, want %d", what, name, len(got[name]), len(v))
		}
		for i, x := range v {
			if math.Float64bits(got[name][i]) != math.Float64bits(x) {
				t.Fatalf("%s: %s[%d] is %v, want %v", what, name, i, got[name][i], x)
			}
		}
	}
}

// TestSegmentBits holds workers and shards to the bits of one worker.
func TestSegmentBits(t *testing.T) {
	for _, n := range []int{2, 3, 7} {
		pool := NewGoroutines(n)
		pool.ShareFrom(0)
		defer pool.Close()
		eachSampleCase(t, func(what string, c sampleCase) {
			want := c.whole(t, Serial)
			sameBits(t, fmt.Sprint(what, ", ", n, " workers"), c.whole(t, pool), want)
			for _, cuts := range [][]int{{c.samples / 2}, {c.samples / 3, c.samples / 2}, {0, c.samples}} {
				sameBits(t, fmt.Sprint(what, ", cut at ", cuts), c.shards(t, pool, cuts...), want)
			}
		})
	}
}

// TestSegmentAccumulate holds outputs of rows and of segments to one addition
// for each backward.
func TestSegmentAccumulate(t *testing.T) {
	c := newSampleCase(5, 33, true)
	once := c.whole(t, Serial)
	p := newSamplePass(t, newLayer(t, sampleSpec(), 2, sampleDepth), c, Serial)
	must(t, p.forward(p.w.RunForward))
	fill(p.dx.Data, 10)
	fill(p.dscale.Data, 20)
	for range 2 {
		must(t, p.backward(Accumulate, p.w.RunBackward))
	}
	got, want := outcome{"dx": p.dx.Data, "dscale": p.dscale.Data}, outcome{}
	for name, start := range map[string]float64{"dx": 10, "dscale": 20} {
		for _, g := range once[name] {
			want[name] = append(want[name], (start+g)+g)
		}
	}
	sameBits(t, "twice", got, want)
}

// TestSegmentInfer holds inference in a shaped work to the forward, and leaves
// updates and statistics of the batch alone.
func TestSegmentInfer(t *testing.T) {
	c := newSampleCase(5, 33, false)
	p := newSamplePass(t, newLayer(t, sampleSpec(), 2, sampleDepth), c, Serial)
	must(t, p.forward(p.w.RunForward))
	want, stat := append([]float64{}, p.y.Data...), p.w.Stats()[3]
	clear(p.y.Data)
	must(t, p.forward(p.w.RunInfer))
	sameBits(t, "y", outcome{"y": p.y.Data, "stat": p.w.Stats()[3].Values}, outcome{"y": want, "stat": stat.Values})
	if err := p.backward(Overwrite, p.w.RunBackward); err == nil || !strings.Contains(err.Error(), "without a Forward") {
		t.Fatalf("a backward after an inference: %v", err)
	}
	if !p.w.waits(forward) {
		t.Fatal("an inference dropped the updates")
	}
}

// TestSegmentCounts holds statistics to the number of their elements.
func TestSegmentCounts(t *testing.T) {
	p := newSamplePass(t, newLayer(t, sampleSpec(), 2, sampleDepth), newSampleCase(5, 33, false), Serial)
	must(t, p.forward(p.w.RunForward))
	for i, want := range []float64{33, 33, 33 * 6, 5 * 33 * 6, 5 * 33} {
		if s := p.w.Stats()[i]; s.Count != want {
			t.Errorf("%s is over %v elements, want %v", s.Name, s.Count, want)
		}
	}
}

// TestSegmentAllocations holds passes, and shapes that were there before, to none.
func TestSegmentAllocations(t *testing.T) {
	pool := NewGoroutines(3)
	pool.ShareFrom(0)
	defer pool.Close()
	for _, pool := range []Pool{Serial, pool} {
		p := newSamplePass(t, newLayer(t, sampleSpec(), 2, sampleDepth), newSampleCase(5, 33, true), pool)
		n := testing.AllocsPerRun(20, func() {
			must(t, p.w.Shape(33, 5))
			must(t, p.w.Shape(5, 33))
			must(t, p.forward(p.w.RunForward))
			must(t, p.backward(Accumulate, p.w.RunBackward))
			must(t, p.forward(p.w.RunInfer))
		})
		if n != 0 {
			t.Errorf("%d workers: a pass allocates %v times", pool.Workers(), n)
		}
	}
}
