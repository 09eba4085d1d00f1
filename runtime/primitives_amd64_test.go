//go:build amd64 && !purego

package runtime

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// A kit is what generated code and the engine call of one ISA.
type kit struct {
	isa     ISA
	sum     func(x []float32) float64
	moments func(x []float32) (hi, lo float32, ss float64)
	most    func(x []float32) float32
	columns func(b *Block[float32], k int, x View)
}

// kits are those that the processor runs. One that lacks an ISA cannot test it;
// TestKits says so aloud.
func kits() []kit {
	var all []kit
	for i := Portable + 1; Supported(i); i++ {
		a := &assembly[i]
		all = append(all, kit{i, a.rows.sum, a.rows.moments, a.rows.max, a.columns.moments})
	}
	return all
}

// TestKits prints what the other tests of this file could run; .ci/run reads it. A
// machine for releases is told to want all with NORM_ISA=avx512.
func TestKits(t *testing.T) {
	best, err := BestISA()
	if err != nil {
		t.Fatal(err)
	}
	names := Portable.String()
	for _, k := range kits() {
		names += " " + k.isa.String()
	}
	t.Logf("%d of %d instruction sets are tested, the best for layers is %v: %s", len(kits()), largest, best, names)
}

// A need that the runtime has no name for would keep its ISA from every processor.
func TestNeeds(t *testing.T) {
	for i, row := range isas {
		for _, need := range row.needs {
			if _, known := has[need]; !known {
				t.Errorf("%v needs %s, which is not among what a processor may have", ISA(i), need)
			}
		}
	}
}

// rough are the numbers on which bits could differ.
var rough = map[string]func(r *rand.Rand, i int) float32{
	"random":    func(r *rand.Rand, i int) float32 { return float32(r.NormFloat64()) },
	"offset":    func(r *rand.Rand, i int) float32 { return float32(1e4 + r.NormFloat64()) },
	"outlier":   func(r *rand.Rand, i int) float32 { return float32(outlier(r, i%97 == 0, 1e6)) },
	"constant":  func(r *rand.Rand, i int) float32 { return 0.1 },
	"NaN":       func(r *rand.Rand, i int) float32 { return float32(special(r, math.NaN())) },
	"Inf":       func(r *rand.Rand, i int) float32 { return float32(special(r, math.Inf(1-2*(i%2)))) },
	"zeros":     func(r *rand.Rand, i int) float32 { return float32(math.Copysign(0, r.NormFloat64())) },
	"negative":  func(r *rand.Rand, i int) float32 { return -float32(special(r, 0)) },
	"minus 0":   func(r *rand.Rand, i int) float32 { return negZero[float32]() },
	"denormal":  func(r *rand.Rand, i int) float32 { return math.Float32frombits(r.Uint32() & 0x807fffff) },
	"scales":    func(r *rand.Rand, i int) float32 { return float32(r.NormFloat64() * math.Exp2(200*r.Float64()-100)) },
	"any bits":  func(r *rand.Rand, i int) float32 { return math.Float32frombits(r.Uint32()) },
	"two scale": func(r *rand.Rand, i int) float32 { return float32(1+1e6*float64(i/16%2)) + r.Float32() },
}

// special is rarely v, else the size of a random number.
func special(r *rand.Rand, v float64) float64 {
	if r.IntN(50) == 0 {
		return v
	}
	return math.Abs(r.NormFloat64())
}

func roughFill(fill string, x []float32) {
	r := rand.New(rand.NewPCG(3, uint64(len(x))))
	for i := range x {
		x[i] = rough[fill](r, i)
	}
}

// rowLengths are those where loops begin, end and hand over.
func rowLengths() []int {
	var out []int
	for n := range 601 {
		out = append(out, n)
	}
	for _, n := range []int{768, 1024, 4096, CallElements, 2 * CallElements} {
		for d := -17; d <= 17; d++ {
			out = append(out, n+d)
		}
	}
	return out
}

func same64(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b
}

func same32(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

// TestRowPrimitives holds the row functions to the bits of Go. The start of the
// row moves through all places in a vector.
func TestRowPrimitives(t *testing.T) {
	for fill := range rough {
		buf := make([]float32, 2*CallElements+64)
		roughFill(fill, buf)
		for _, n := range rowLengths() {
			starts := 16
			if n > 5000 {
				starts = 1
			}
			for at := range starts {
				checkRow(t, fmt.Sprintf("%s, %d elements from %d", fill, n, at), buf[at:][:n:n])
			}
		}
	}
}

func checkRow(t *testing.T, what string, x []float32) {
	for _, k := range kits() {
		if got, want := k.sum(x), RowSum(x); !same64(got, want) {
			t.Fatalf("%v: sum of %s: %v, want %v", k.isa, what, got, want)
		}
		if len(x) == 0 {
			continue
		}
		hi, lo, ss := RowMoments(x)
		if h, l, s := k.moments(x); !same32(h, hi) || !same32(l, lo) || !same64(s, ss) {
			t.Fatalf("%v: moments of %s: %v %v %v, want %v %v %v", k.isa, what, h, l, s, hi, lo, ss)
		}
		if got, want := k.most(x), RowMax(x); !same32(got, want) {
			t.Fatalf("%v: maximum of %s: %v, want %v", k.isa, what, got, want)
		}
	}
}

// TestColumnPrimitives holds the moments of columns to the bits of Go, for all
// widths of a strip and numbers of rows, dense and not, with masks.
func TestColumnPrimitives(t *testing.T) {
	for fill := range rough {
		for _, cols := range []int{1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 100, 255, 256, 257, 267, 279, 321, 767, 1025} {
			buf := make([]float32, 16+BlockRows*(cols+5))
			roughFill(fill, buf)
			for rows := range BlockRows + 1 {
				at := rows % 16
				v := View{Data: buf[at:], Rows: rows, Cols: cols, Stride: cols + rows%3*(rows%2+1)}
				checkColumns(t, fill, v.Slice(0, rows), nil)
				checkColumns(t, fill, v.Slice(0, rows), keepSome(rows))
			}
		}
	}
}

func keepSome(rows int) []bool {
	keep := make([]bool, rows)
	for i := range keep {
		keep[i] = (i*i+rows)%3 > 0
	}
	return keep
}

// columnBlock is a block for the moments of the columns of x.
func columnBlock(x View, keep []bool) *Block[float32] {
	c := x.Cols
	b := &Block[float32]{Frame: &Frame[float32]{Cols: c}, N: x.Rows, Mask: [][]bool{keep}, Drop: make([]float32, c),
		shift: make([]float32, c), s1: make([]float32, c), s2: make([]float32, c), rows: make([]int, 0, BlockRows), far: make([]uint8, (c+7)/8),
		Moment: []BlockMoments{{Mean: make([]float64, c), SS: make([]float64, c)}}}
	if keep != nil {
		b.Moment[0].Mask = 1
	}
	return b
}

func checkColumns(t *testing.T, fill string, x View, keep []bool) {
	want := columnBlock(x, keep)
	want.ColumnMoments(0, x)
	for _, k := range kits() {
		got := columnBlock(x, keep)
		k.columns(got, 0, x)
		g, w := &got.Moment[0], &want.Moment[0]
		if g.N != w.N || !slices.EqualFunc(g.Mean, w.Mean, same64) || !slices.EqualFunc(g.SS, w.SS, same64) {
			t.Fatalf("%v: %s, %d rows of %d columns at stride %d: moments differ:\n%v\n%v", k.isa, fill, x.Rows, x.Cols, x.Stride, g, w)
		}
	}
}

// TestVectorPrimitives holds what the engine does to arrays to the bits of Go.
func TestVectorPrimitives(t *testing.T) {
	for fill := range rough {
		for n := range 200 {
			x, y := make([]float32, n+3), make([]float32, n+3)
			roughFill(fill, x)
			roughFill("random", y)
			for _, k := range kits() {
				checkVectors(t, fmt.Sprintf("%v: %s, %d elements", k.isa, fill, n), k.isa, x[n%4:][:max(0, n-1)], y[:max(0, n-1)])
			}
		}
	}
}

func checkVectors(t *testing.T, what string, isa ISA, x, y []float32) {
	n := len(x)
	var d [2][4][]float64
	var r, s [2][]float32
	for i, by := range []ISA{isa, Portable} {
		for k := range d[i] {
			d[i][k] = make([]float64, n)
			widen(by, d[i][k], [][]float32{x, y}[k%2])
		}
		s[i] = slices.Clone(y)
		addTo(by, s[i], x)
		r[i] = make([]float32, n)
		narrow(by, r[i], d[i][0])
		addNarrow(by, r[i], d[i][1])
		joinSpread(by, d[i][0], d[i][1], d[i][2], d[i][3], 0.3, 7.7)
		addSums(by, d[i][2], d[i][3])
	}
	for k := range d[0] {
		if !slices.EqualFunc(d[0][k], d[1][k], same64) {
			t.Fatalf("%s: array %d: %v, want %v", what, k, d[0][k], d[1][k])
		}
	}
	if !slices.EqualFunc(s[0], s[1], same32) {
		t.Fatalf("%s: sum %v, want %v", what, s[0], s[1])
	}
	if !slices.EqualFunc(r[0], r[1], same32) {
		t.Fatalf("%s: rounded %v, want %v", what, r[0], r[1])
	}
}

// TestPrimitivesAllocateNothing holds the primitives to the memory they are given.
func TestPrimitivesAllocateNothing(t *testing.T) {
	x := hardFill("randn", 32*768)
	v := Matrix(x, 32, 768)
	b := columnBlock(v, nil)
	for _, k := range kits() {
		n := testing.AllocsPerRun(10, func() {
			k.sum(x)
			k.moments(x)
			k.most(x)
			k.columns(b, 0, v)
			widen(k.isa, b.Moment[0].Mean, x[:768])
			addTo(k.isa, x, x)
			addSums(k.isa, b.Moment[0].Mean, b.Moment[0].SS)
			joinSpread(k.isa, b.Moment[0].Mean, b.Moment[0].SS, b.Moment[0].Mean, b.Moment[0].SS, 1, 1)
		})
		if n != 0 {
			t.Errorf("%v: %v allocations", k.isa, n)
		}
	}
}
