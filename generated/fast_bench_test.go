package generated_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
)

// BenchmarkFast reports the time in fast arithmetic over that in exact arithmetic: the
// median of adjacent pairs.
func BenchmarkFast(b *testing.B) {
	for name := range fastConstructors {
		for _, s := range []struct{ rows, cols int }{{8, 64}, {128, 512}, {512, 768}, {4096, 768}} {
			for _, backward := range []bool{false, true} {
				b.Run(fmt.Sprintf("%s/%dx%d/%s", name, s.rows, s.cols, map[bool]string{false: "forward", true: "backward"}[backward]), func(b *testing.B) {
					exact, fast := passOf(b, strings.TrimPrefix(name, "Fast"), s.rows, s.cols, backward), passOf(b, name, s.rows, s.cols, backward)
					var ratios []float64
					for b.Loop() {
						ratios = append(ratios, 1/float64(duration(exact)/duration(fast)))
					}
					slices.Sort(ratios)
					b.ReportMetric(ratios[len(ratios)/2], "fast/exact")
					b.ReportMetric(0, "ns/op")
				})
			}
		}
	}
}

// passOf returns a pass of a layer over random numbers, warm.
func passOf(b *testing.B, name string, rows, cols int, backward bool) func() {
	b.Helper()
	sizes := normtest.EvenSizes(normOf(b, name).Unit, rows, cols)
	r := newRig[float32](b, name, sizes)
	m := r.Mount(r.NewWork(rows), normtest.NewSample[float32](r.Unit, rand.New(rand.NewPCG(1, 2)), sizes, "randn", nil), 0)
	if err := m.Forward(); err != nil {
		b.Fatal(err)
	}
	pass := m.Forward
	if backward {
		pass = func() error { return m.Backward(runtime.Overwrite) }
	}
	return func() {
		if err := pass(); err != nil {
			b.Fatal(err)
		}
	}
}

// duration times some passes that take about 100 µs together, in seconds each.
func duration(pass func()) float64 {
	n := 1
	for {
		start := time.Now()
		for range n {
			pass()
		}
		if d := time.Since(start); d > 100*time.Microsecond {
			return d.Seconds() / float64(n)
		}
		n *= 2
	}
}
