package blas_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer/blas"
)

// products lists all that can be had here. OpenBLAS is the user's to install.
func products[T runtime.Float](t testing.TB) []blas.ProductsOf[T] {
	list := []blas.ProductsOf[T]{blas.Gonum[T]()}
	if p, err := blas.OpenBLAS[T]("", 2); err == nil {
		list = append(list, p)
	} else {
		t.Log(err)
	}
	return list
}

func TestGemm(t *testing.T) {
	t.Run("float32", func(t *testing.T) { testGemm[float32](t, 1<<23) })
	t.Run("float64", func(t *testing.T) { testGemm[float64](t, 1<<52) })
}

// testGemm compares with sums in float64, of products of both orders and all
// strides. A sum of k products of numbers below 1 is off by at most k*k/unit.
func testGemm[T runtime.Float](t *testing.T, unit float64) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, p := range products[T](t) {
		for _, shape := range [][3]int{{1, 1, 1}, {3, 5, 7}, {17, 33, 40}, {64, 64, 32}, {130, 70, 65}, {5, 3, 0}} {
			m, n, k := shape[0], shape[1], shape[2]
			for flags := range 4 {
				transA, transB := flags&1 > 0, flags&2 > 0
				a, lda := matrix[T](r, m, k, transA)
				b, ldb := matrix[T](r, k, n, transB)
				c, ldc := matrix[T](r, m, n, false)
				want := make([]float64, len(c))
				for i, v := range c {
					want[i] = float64(v)
				}
				for i := range m {
					for j := range n {
						sum := 0.25 * want[i*ldc+j]
						for l := range k {
							sum += 0.5 * at(a, lda, i, l, transA) * at(b, ldb, l, j, transB)
						}
						want[i*ldc+j] = sum
					}
				}
				p.Gemm(transA, transB, m, n, k, 0.5, a, lda, b, ldb, 0.25, c, ldc)
				for i, v := range c {
					if d := math.Abs(float64(v) - want[i]); !(d <= float64(k*k+2)/unit) {
						t.Fatalf("%v: %v %v %v: element %d is %v, want %v", p, shape, transA, transB, i, v, want[i])
					}
				}
			}
		}
	}
}

// matrix makes op(x) of rows by cols with room between the rows of x.
func matrix[T runtime.Float](r *rand.Rand, rows, cols int, transposed bool) ([]T, int) {
	if transposed {
		rows, cols = cols, rows
	}
	x := make([]T, rows*(cols+3))
	for i := range x {
		x[i] = T(2*r.Float64() - 1)
	}
	return x, cols + 3
}

func at[T runtime.Float](x []T, stride, i, j int, transposed bool) float64 {
	if transposed {
		i, j = j, i
	}
	return float64(x[i*stride+j])
}

func TestGemmChecks(t *testing.T) {
	for _, p := range products[float32](t)[1:] {
		for _, bad := range []func(){
			func() {
				p.Gemm(false, false, 2, 2, 2, 1, make([]float32, 3), 2, make([]float32, 4), 2, 0, make([]float32, 4), 2)
			},
			func() {
				p.Gemm(false, false, 2, 2, 2, 1, make([]float32, 4), 1, make([]float32, 4), 2, 0, make([]float32, 4), 2)
			},
			func() { p.Gemm(false, false, 2, 2, -1, 1, nil, 2, nil, 2, 0, make([]float32, 4), 2) },
		} {
			func() {
				defer func() {
					if e := recover(); !strings.HasPrefix(fmt.Sprint(e), "blas: ") {
						t.Errorf("the matrix that does not fit gave %v", e)
					}
				}()
				bad()
			}()
		}
	}
}

func TestGemmAllocatesNothing(t *testing.T) {
	for _, p := range products[float32](t) {
		a, b, c := make([]float32, 64*64), make([]float32, 64*64), make([]float32, 64*64)
		n := testing.AllocsPerRun(100, func() { p.Gemm(false, true, 64, 64, 64, 1, a, 64, b, 64, 0, c, 64) })
		if n >= 1 {
			t.Errorf("%v: %v allocations a call", p, n)
		}
	}
}

func TestOpenBLASMissing(t *testing.T) {
	_, err := blas.OpenBLAS[float32]("/nowhere/libopenblas.so", 1)
	if err == nil || !strings.Contains(err.Error(), "/nowhere/libopenblas.so") || !strings.Contains(err.Error(), "help: ") {
		t.Errorf("a missing library gave %v", err)
	}
}

func BenchmarkGemm(b *testing.B) {
	for _, s := range []struct {
		name           string
		transA, transB bool
		m, n, k        int
	}{
		{"3840x1024x256", false, true, 3840, 1024, 256}, {"1920x1024x256", false, true, 1920, 1024, 256},
		{"1024x256x3840", true, false, 1024, 256, 3840}, {"512x256x3840", true, false, 512, 256, 3840},
		{"256x10000x256", false, true, 256, 10000, 256}, {"64x64x32", false, true, 64, 64, 32}, {"32x32x32", false, true, 32, 32, 32},
	} {
		for _, p := range products[float32](b)[1:] {
			r := rand.New(rand.NewPCG(1, 2))
			x, lda := matrix[float32](r, s.m, s.k, s.transA)
			y, ldb := matrix[float32](r, s.k, s.n, s.transB)
			c, ldc := matrix[float32](r, s.m, s.n, false)
			b.Run(s.name, func(b *testing.B) {
				for range b.N {
					p.Gemm(s.transA, s.transB, s.m, s.n, s.k, 1, x, lda, y, ldb, 0, c, ldc)
				}
				b.ReportMetric(2*float64(s.m)*float64(s.n)*float64(s.k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOPS")
			})
			b.Log(p)
		}
	}
}
