package runtime

import (
	"fmt"
	"strings"
	"testing"
)

func wantError(t testing.TB, err error, says string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), says) {
		t.Fatalf("error %v, want one that says %q", err, says)
	}
}

func wantPanic(t testing.TB, says string, f func() error) {
	t.Helper()
	defer func() {
		t.Helper()
		if p := fmt.Sprint(recover()); !strings.Contains(p, says) {
			t.Fatalf("panic %q, want one that says %q", p, says)
		}
	}()
	f()
}

// TestShape holds that a norm with segments wants its sizes, and says which.
func TestShape(t *testing.T) {
	l := newLayer(t, sampleSpec(), 2, sampleDepth)
	c := newSampleCase(3, 4, false)
	p := newSamplePass(t, l, c, Serial)
	p.w = l.NewWork(12)
	missing := "call Shape with the sizes of [N S] (now [], for 12 rows)"
	wantError(t, p.forward(p.w.RunForward), missing)
	wantError(t, p.forward(p.w.StartForward), missing)
	wantError(t, p.forward(p.w.RunInfer), missing)
	wantError(t, p.w.Shard(0), "call Shape with the sizes of [N S]")
	for _, sizes := range [][]int{{}, {12}, {3, 2, 2}} {
		wantError(t, p.w.Shape(sizes...), "for the row axes [N S]")
	}
	for _, sizes := range [][]int{{-1, -12}, {13, 1}, {1 << 62, 4}, {13, 0}} {
		wantError(t, p.w.Shape(sizes...), "exceed the 12 rows")
	}
	must(t, p.w.Shape(3, 3))
	wantError(t, p.forward(p.w.RunForward), "(now [3 3], for 12 rows)")
	must(t, p.w.Shape(4, 3))
	wantPanic(t, "scale has 3 rows for 4 segments", func() error { return p.forward(p.w.RunForward) })
	must(t, p.w.Shape(3, 4))
	must(t, p.forward(p.w.RunForward))
	must(t, p.w.Shape(3, 4))
	must(t, p.backward(Overwrite, p.w.RunBackward))
	must(t, p.w.Shape(4, 3))
	wantError(t, p.backward(Overwrite, p.w.RunBackward), "without a Forward")
	if s := p.w.Stats(); s[0].Values != nil || len(s[3].Values) != sampleCols {
		t.Fatalf("statistics after another shape: %v", s)
	}
}

// TestSegmentViews holds tensors of segments to their rows and columns.
func TestSegmentViews(t *testing.T) {
	p := newSamplePass(t, newLayer(t, sampleSpec(), 2, sampleDepth), newSampleCase(3, 4, false), Serial)
	scale, m := p.scale, p.m
	p.scale = Matrix(scale.Data, 3, sampleCols-1)
	wantPanic(t, "scale has 5 columns", func() error { return p.forward(p.w.RunForward) })
	p.scale, p.m = scale, Matrix(m.Data, 2, sampleCols)
	wantPanic(t, "m has 2 rows for 3 segments", func() error { return p.forward(p.w.RunInfer) })
	p.m = scale
	wantPanic(t, "m overlaps scale", func() error { return p.forward(p.w.RunForward) })
	p.m = m
	must(t, p.forward(p.w.RunForward))
	p.dscale = Matrix(p.dscale.Data, 2, sampleCols)
	wantPanic(t, "scale has 2 rows for 3 segments", func() error { return p.backward(Overwrite, p.w.RunBackward) })
}

// TestSegmentShards holds shards to begin with a segment, and to segments of one
// size.
func TestSegmentShards(t *testing.T) {
	l := newLayer(t, sampleSpec(), 2, sampleDepth)
	c := newSampleCase(4, 33, false)
	a, b := newSamplePass(t, l, c.part(0, 2), Serial), newSamplePass(t, l, c.part(2, 4), Serial)
	wantError(t, b.w.Shard(64), "starts at row 64, not at a multiple of 33")
	must(t, b.w.Shard(66))
	start := func() {
		must(t, a.forward(a.w.StartForward))
		must(t, b.forward(b.w.StartForward))
		a.w.Sweep()
		b.w.Sweep()
	}
	start()
	wantError(t, Join(b.w, a.w), "starts at row 66; the rows before end at 0")
	start()
	must(t, Join(a.w, b.w))
	must(t, b.w.Shape(6, 11)) // 66 begins one of these segments, too
	b.scale, b.m = Matrix(make([]float64, 6*sampleCols), 6, sampleCols), Matrix(make([]float64, 6*sampleCols), 6, sampleCols)
	start()
	wantError(t, Join(a.w, b.w), "not shards of one batch")
	must(t, b.w.Shape(1, 65))
	b.x, b.y, b.z = b.x.Slice(0, 65), b.y.Slice(0, 65), b.z.Slice(0, 65)
	b.scale, b.m = b.scale.Slice(0, 1), b.m.Slice(0, 1)
	wantError(t, b.forward(b.w.StartForward), "starts at row 66, not at a multiple of 65")
}

// TestEmptySamples holds samples without rows to finished sums of zero.
func TestEmptySamples(t *testing.T) {
	l := newLayer(t, sampleSpec(), 2, sampleDepth)
	p := newSamplePass(t, l, newSampleCase(3, 1, false), Serial)
	empty := sampleCase{samples: 3, scale: p.c.scale}
	p.c = empty
	p.x, p.y, p.z, p.dy, p.dx, p.unused = p.x.Slice(0, 0), p.y.Slice(0, 0), p.z.Slice(0, 0), p.dy.Slice(0, 0), p.dx.Slice(0, 0), p.unused.Slice(0, 0)
	must(t, p.w.Shape(3, 0))
	must(t, p.forward(p.w.RunForward))
	fill(p.dscale.Data, 5)
	must(t, p.backward(Overwrite, p.w.RunBackward))
	for i, v := range append(p.m.Data, p.dscale.Data...) {
		if v != 0 {
			t.Fatalf("element %d of m and dscale is %v", i, v)
		}
	}
}
