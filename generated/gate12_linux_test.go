package generated_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"unsafe"

	"github.com/normgen/normgen/generated/powernorm"
	"github.com/normgen/normgen/generated/standard"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/gates"
)

// TestGate12Huge normalizes more elements than 31 bits count: the same pages over and
// over, at as many addresses. A push does a small part of it.
func TestGate12Huge(t *testing.T) {
	g := gates.Open(t, 12, "more than 2^31 elements")
	const cols, period = 4096, 1024 // rows of a period: 16 MiB
	rows := gates.Sized(3*period+1, 1<<31/cols+1)
	x, y := repeated(t, rows*cols, period*cols), repeated(t, rows*cols, period*cols)
	fill := rand.New(rand.NewPCG(12, 31))
	for i := range period * cols {
		x[i] = float32(fill.NormFloat64())
	}
	for name, l := range map[string]runtime.Norm{"LayerNorm": hugeLayer(t, standard.NewLayerNorm, standard.LayerNormOptions{}),
		"PowerNorm": hugeLayer(t, powernorm.NewPowerNorm, powernorm.PowerNormOptions{})} {
		want := make([]float32, period*cols)
		small := l.NewWork(period)
		if err := l.Forward(small, runtime.Matrix(want, period, cols), runtime.Matrix(x[:period*cols], period, cols), nil); err != nil {
			t.Fatal(err)
		}
		clear(y[:period*cols])
		w := l.NewWork(rows)
		if err := l.Forward(w, runtime.Matrix(y, rows, cols), runtime.Matrix(x, rows, cols), nil); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(y[:period*cols], want) {
			t.Errorf("%s: rows of a huge batch differ from those of a small one", name)
		}
		if last := y[(rows-1)*cols:]; !slices.Equal(last, want[(rows-1)%period*cols:][:cols]) {
			t.Errorf("%s: the last row differs", name)
		}
		for _, s := range w.Stats() {
			if s.Count != float64(rows) && s.Count != cols && s.Count != 0 { // 0: of a backward
				t.Errorf("%s: %s is of %v elements, of %d rows", name, s.Name, s.Count, rows)
			}
		}
	}
	g.Figure("%d elements, of rows and of columns: the bits of a small batch", rows*cols)
}

func hugeLayer[L runtime.Norm, O any](t *testing.T, make func(cols int, o O) (L, error), o O) runtime.Norm {
	t.Helper()
	l, err := make(4096, o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// repeated maps one file over and over: n elements, of which every period is the same
// memory.
func repeated(t *testing.T, n, period int) []float32 {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "period"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(int64(4 * period)); err != nil {
		t.Fatal(err)
	}
	times := (n + period - 1) / period
	all, err := syscall.Mmap(-1, 0, 4*period*times, syscall.PROT_NONE, syscall.MAP_PRIVATE|syscall.MAP_ANON|syscall.MAP_NORESERVE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Munmap(all) })
	for i := range times {
		at := uintptr(unsafe.Pointer(&all[4*period*i]))
		if _, _, e := syscall.Syscall6(syscall.SYS_MMAP, at, uintptr(4*period), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED|syscall.MAP_FIXED, f.Fd(), 0); e != 0 {
			t.Fatal(e)
		}
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&all[0])), n)
}
