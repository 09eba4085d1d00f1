package generated_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/generated/powernorm"
	"github.com/normgen/normgen/generated/standard"
	"github.com/normgen/normgen/runtime"
)

// naiveLayerNorm is the loop that the generated layer is held against.
func naiveLayerNorm(y, x, gamma, beta []float32, rows, c int) {
	for i := range rows {
		row, out := x[i*c:(i+1)*c], y[i*c:(i+1)*c]
		var sum float32
		for _, v := range row {
			sum += v
		}
		mean := sum / float32(c)
		var ss float32
		for _, v := range row {
			d := v - mean
			ss += d * d
		}
		rstd := 1 / float32(math.Sqrt(float64(ss/float32(c)+1e-5)))
		for j, v := range row {
			out[j] = (v-mean)*rstd*gamma[j] + beta[j]
		}
	}
}

// naivePowerNorm is the plain loop with the reciprocal hoisted.
func naivePowerNorm(y, x, gamma, beta, inv, sum []float32, rows, c int) {
	clear(sum)
	for i := range rows {
		row, out := x[i*c:(i+1)*c], y[i*c:(i+1)*c]
		for j, v := range row {
			xh := v * inv[j]
			out[j] = gamma[j]*xh + beta[j]
			sum[j] += v * v
		}
	}
}

// ratio times a and b in turn and returns the median of a's time over b's.
func ratio(rounds int, a, b func()) float64 {
	var rs []float64
	for range rounds {
		rs = append(rs, float64(timed(a))/float64(timed(b)))
	}
	slices.Sort(rs)
	return rs[len(rs)/2]
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

// TestSpeed holds layers against the obvious loops at C = 768: ratios of interleaved
// runs, since the machines are shared. The numbers for Go are the first issue's
// acceptance. Assembly must be twice as fast as that: it was measured at 7 to 11
// times the loop, and what it gives up first is the cache, on a loaded machine. One
// median of a fixed number of rounds is both judged and published: the best of
// several would flatter the layer.
func TestSpeed(t *testing.T) {
	const rows, c = 512, 768
	r := rand.New(rand.NewPCG(1, 2))
	x := normtest.Filled[float32](r, "randn", rows*c)
	y := make([]float32, rows*c)
	gamma, beta, inv, sum := normtest.Filled[float32](r, "randn", c), normtest.Filled[float32](r, "randn", c), normtest.Filled[float32](r, "randn", c), make([]float32, c)
	vx, vy := runtime.Matrix(x, rows, c), runtime.Matrix(y, rows, c)
	var table strings.Builder
	check := func(isa runtime.ISA, name string, l runtime.Norm, naive func(), want float64) {
		w := l.NewWork(rows)
		got := ratio(401, naive, func() {
			if err := l.Forward(w, vy, vx, nil); err != nil {
				t.Fatal(err)
			}
		})
		fmt.Fprintf(&table, "%-9s forward, %d x %d, float32, one worker, %-6s %5.2f times as fast as the plain loop\n", name, rows, c, isa.String()+":", got)
		if got < want {
			t.Errorf("%s forward in %v is %.2f times as fast as the plain loop, want %.1f", name, isa, got, want)
		}
	}
	for _, isa := range normtest.ISAs() {
		wantLN, wantPN := 1.8, 1.4
		if isa > runtime.Portable {
			wantLN, wantPN = 2*wantLN, 2*wantPN
		}
		var ln, pn runtime.Norm
		normtest.Capped(t, isa, func() {
			ln, _ = standard.NewLayerNorm(c, standard.LayerNormOptions{})
			pn, _ = powernorm.NewPowerNorm(c, powernorm.PowerNormOptions{})
		})
		check(isa, "LayerNorm", ln, func() { naiveLayerNorm(y, x, gamma, beta, rows, c) }, wantLN)
		check(isa, "PowerNorm", pn, func() { naivePowerNorm(y, x, gamma, beta, inv, sum, rows, c) }, wantPN)
	}
	t.Log("\n" + table.String())
	writeResults(t, "speed.txt", table.String())
}

// writeResults keeps what was measured for the README, if -update asks for it.
func writeResults(t *testing.T, name, text string) {
	if !*update {
		return
	}
	if err := os.WriteFile("../testdata/results/"+name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
