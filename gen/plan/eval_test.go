package plan

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/normgen/normgen/gen/ir"
)

// The reduction tree once more, from its description in the package's doc: sums
// are recursive and lists are explicit, where Eval loops over accumulators.

// add adds the numbers from left to right; nothing is -0.
func add[T Float](xs []T) T {
	if len(xs) == 0 {
		return T(math.Copysign(0, -1))
	}
	s := xs[0]
	for _, x := range xs[1:] {
		s += x
	}
	return s
}

// halves is the fold of n lanes: lane l and lane l + n/2 meet first.
func halves[T Float](lane func(l int) T, l, stride, n int) T {
	if stride == n {
		return lane(l)
	}
	return halves(lane, l, 2*stride, n) + halves(lane, l+stride, 2*stride, n)
}

func treeRowSum[T Float](x []T) float64 {
	var blocks []float64
	for len(x) > 0 {
		n := min(256, len(x))
		lane := func(l int) T {
			var mine []T
			for i := l; i < n; i += 32 {
				mine = append(mine, x[i])
			}
			return add(mine)
		}
		blocks = append(blocks, float64(halves(lane, 0, 1, 32)))
		x = x[n:]
	}
	return add(blocks)
}

// powerBelow is the largest power of two up to n.
func powerBelow(n int) int {
	p := 1
	for 2*p <= n {
		p *= 2
	}
	return p
}

// firstMean is the mean of the first elements, at most most of them.
func firstMean[T Float](x []T, most int) T {
	p := powerBelow(min(most, len(x)))
	return halves(func(l int) T { return x[l] }, 0, 1, p) / T(p)
}

// treeMoments are shift, c and SS with sums taken by sum.
func treeMoments[T Float](x []T, most int, sum func([]T) float64) (shift T, c, ss float64, again bool) {
	around := func(shift T) (s1, c, ss float64) {
		var d, q []T
		for _, v := range x {
			d = append(d, v-shift)
			q = append(q, T((v-shift)*(v-shift)))
		}
		s1 = sum(d)
		c = float64(s1 * (1 / float64(len(x))))
		return s1, c, sum(q) - float64(s1*c)
	}
	shift = firstMean(x, most)
	s1, c, ss := around(shift)
	if c*s1 > ss {
		shift, again = T(float64(shift)+c), true
		_, c, ss = around(shift)
	}
	return shift, c, math.Max(ss, 0), again
}

// quads adds four at a time; what is missing at the end is -0.
func quads[T Float](x []T) float64 {
	for len(x)%4 != 0 {
		x = append(x, T(math.Copysign(0, -1)))
	}
	var sums []T
	for i := range len(x) / 4 {
		q := x[4*i : 4*i+4]
		sums = append(sums, (q[0]+q[2])+(q[1]+q[3]))
	}
	return float64(add(sums))
}

// twoPass is mean and sum of squares in float64.
func twoPass[T Float](x []T) (mean, ss float64) {
	for _, v := range x {
		mean += float64(v) / float64(len(x))
	}
	for range 2 { // the second time for what the first mean lost
		rest := 0.0
		for _, v := range x {
			rest += float64(v) - mean
		}
		mean += rest / float64(len(x))
	}
	for _, v := range x {
		ss += (float64(v) - mean) * (float64(v) - mean)
	}
	return mean, ss
}

// numbers are what sums are tested on.
var numbers = map[string]func(r *rand.Rand, i int) float64{
	"randn":    func(r *rand.Rand, i int) float64 { return r.NormFloat64() },
	"offset":   func(r *rand.Rand, i int) float64 { return 1e4 + r.NormFloat64() },
	"far":      func(r *rand.Rand, i int) float64 { return 1e7 + r.NormFloat64() },
	"outlier":  func(r *rand.Rand, i int) float64 { return r.NormFloat64() + 1e5*float64(1/(1+i)) },
	"const":    func(r *rand.Rand, i int) float64 { return 0.1 },
	"zeros":    func(r *rand.Rand, i int) float64 { return math.Copysign(0, float64(r.IntN(2))-0.5) },
	"negative": func(r *rand.Rand, i int) float64 { return math.Copysign(0, -1) },
	"scales":   func(r *rand.Rand, i int) float64 { return r.NormFloat64() * math.Exp2(20*r.Float64()-10) },
}

func draw[T Float](r *rand.Rand, kind string, n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(numbers[kind](r, i))
	}
	return x
}

// eachRow calls fn with rows of every length up to three blocks and some beyond.
func eachRow[T Float](t *testing.T, lengths []int, fn func(t *testing.T, x []T)) {
	for kind := range numbers {
		t.Run(fmt.Sprintf("%T/%s", T(0), kind), func(t *testing.T) {
			r := rand.New(rand.NewPCG(7, 7))
			for _, n := range lengths {
				fn(t, draw[T](r, kind, n))
			}
		})
	}
}

// upTo lists the numbers from 1 to n.
func upTo(n int) []int {
	var out []int
	for i := 1; i <= n; i++ {
		out = append(out, i)
	}
	return out
}

func same(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }

func TestRowSum(t *testing.T) {
	lengths := append([]int{0, 511, 512, 513, 1000, 4096}, upTo(300)...)
	eachRow(t, lengths, func(t *testing.T, x []float32) { rowSumOf(t, x) })
	eachRow(t, lengths, func(t *testing.T, x []float64) { rowSumOf(t, x) })
}

func rowSumOf[T Float](t *testing.T, x []T) {
	t.Helper()
	if got, want := rowSum(x), treeRowSum(x); !same(got, want) {
		t.Fatalf("%d elements: %x, want %x", len(x), got, want)
	}
}

func TestRowMoments(t *testing.T) {
	lengths := append([]int{511, 513, 1000}, upTo(280)...)
	eachRow(t, lengths, func(t *testing.T, x []float32) { rowMomentsOf(t, x, 3e-7) })
	eachRow(t, lengths, func(t *testing.T, x []float64) { rowMomentsOf(t, x, 1e-15) })
}

func rowMomentsOf[T Float](t *testing.T, x []T, u float64) {
	t.Helper()
	shift, c, ss := rowMoments(x)
	wantShift, wantC, wantSS, _ := treeMoments(x, 16, treeRowSum[T])
	if shift != wantShift || !same(c, wantC) || ss != wantSS {
		t.Fatalf("%d elements: %x %x %x, want %x %x %x", len(x), shift, c, ss, wantShift, wantC, wantSS)
	}
	accurate(t, x, float64(shift)+c, ss, u)
}

// accurate compares moments with two passes in float64: the mean to the
// deviation, the sum of squares to its size, and both to what one float64 can
// say of a mean far from zero.
func accurate[T Float](t *testing.T, x []T, mean, ss, u float64) {
	t.Helper()
	wantMean, wantSS := twoPass(x)
	n := float64(len(x))
	deviation, far := math.Sqrt(wantSS/n), math.Abs(wantMean)*0x1p-52
	if math.Abs(mean-wantMean) > 20*u*deviation+2*far || math.Abs(ss-wantSS) > 40*u*wantSS+n*far*(4*deviation+far) {
		t.Fatalf("%d elements: mean %v SS %v, two passes give %v %v", len(x), mean, ss, wantMean, wantSS)
	}
}

// A row of one value has that mean and no deviation, exactly.
func TestConstantRow(t *testing.T) {
	for _, v := range []float32{0.1, -3e7, 1e-30, 0} {
		for n := 1; n <= 700; n += 13 {
			x := make([]float32, n)
			for i := range x {
				x[i] = v
			}
			if shift, c, ss := rowMoments(x); shift != v || c != 0 || ss != 0 {
				t.Errorf("%d times %v: shift %v c %v SS %v", n, v, shift, c, ss)
			}
			if mean, ss := blockMoments(x[:min(n, ColBlock)]); mean != float64(v) || ss != 0 {
				t.Errorf("%d times %v in a column: mean %v SS %v", n, v, mean, ss)
			}
		}
	}
}

// The guard takes the sums again where the first elements mislead, and only there.
func TestGuard(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for kind, want := range map[string]bool{"outlier": true, "randn": false} {
		x := draw[float32](r, kind, 512)
		_, _, _, again := treeMoments(x, 16, treeRowSum[float32])
		if again != want {
			t.Errorf("%s: sums taken again: %v, want %v", kind, again, want)
		}
		rowMomentsOf(t, x, 3e-7)
	}
	x := append(draw[float32](r, "far", 16), draw[float32](r, "randn", 500)...)
	rowMomentsOf(t, x, 3e-7)
}

func TestBlockMoments(t *testing.T) {
	eachRow(t, upTo(ColBlock), func(t *testing.T, x []float32) { blockMomentsOf(t, x, 3e-7) })
	eachRow(t, upTo(ColBlock), func(t *testing.T, x []float64) { blockMomentsOf(t, x, 1e-15) })
}

func blockMomentsOf[T Float](t *testing.T, x []T, u float64) {
	t.Helper()
	mean, ss := blockMoments(x)
	shift, c, wantSS, _ := treeMoments(x, 8, quads[T])
	if !same(mean, float64(shift)+c) || ss != wantSS {
		t.Fatalf("%d rows: %x %x, want %x %x", len(x), mean, ss, float64(shift)+c, wantSS)
	}
	accurate(t, x, mean, ss, u)
}

// A column sum adds the rows in order.
func TestColumnSum(t *testing.T) {
	eachRow(t, upTo(ColBlock), func(t *testing.T, x []float32) {
		var rows [][]float32
		for i := range x {
			rows = append(rows, []float32{1, x[i]})
		}
		if got, want := columnSum(rows, 2)[1], float64(add(x)); !same(got, want) {
			t.Fatalf("%d rows: %x, want %x", len(x), got, want)
		}
	})
}

// carry joins blocks as they come, like a binary counter: two neighbours of one
// size become one of twice the size; what is left is joined from the right.
func carry(xs []leafNode, join func(l, r leafNode) leafNode) leafNode {
	var stack []leafNode
	for i, x := range xs {
		for ; i&1 == 1; i >>= 1 {
			x, stack = join(stack[len(stack)-1], x), stack[:len(stack)-1]
		}
		stack = append(stack, x)
	}
	out := stack[len(stack)-1]
	for i := len(stack) - 2; i >= 0; i-- {
		out = join(stack[i], out)
	}
	return out
}

func TestTree(t *testing.T) {
	key := &ir.Value{}
	lopsided := func(l, r leafNode) leafNode { // every shape of the tree has its own result
		return leafNode{a: []float64{math.Sin(2*l.a[0] + 3*r.a[0])}}
	}
	var blocks []map[*ir.Value]leafNode
	var nodes []leafNode
	for n := 1; n <= 130; n++ {
		node := leafNode{a: []float64{1 / float64(n)}}
		nodes = append(nodes, node)
		blocks = append(blocks, map[*ir.Value]leafNode{key: node})
		if got, want := tree(blocks, key, lopsided).a[0], carry(nodes, lopsided).a[0]; !same(got, want) {
			t.Errorf("%d blocks: %v, want %v", n, got, want)
		}
	}
}

// Blocks of any size, empty ones too, give the moments of all rows together.
func TestJoinMoments(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for kind := range numbers {
		for n := 1; n <= 40; n++ {
			var all []float64
			var nodes []leafNode
			for range n {
				x := draw[float64](r, kind, r.IntN(ColBlock+1))
				all = append(all, x...)
				nodes = append(nodes, momentsOfColumn(x))
			}
			if len(all) == 0 {
				continue
			}
			got := carry(nodes, joinMoments)
			if got.n != float64(len(all)) {
				t.Fatalf("%s: %v rows, want %d", kind, got.n, len(all))
			}
			accurate(t, all, got.a[0], got.b[0], 1e-15)
		}
	}
}

func momentsOfColumn(x []float64) leafNode {
	rows := make([][]float64, len(x))
	for i := range x {
		rows[i] = x[i : i+1]
	}
	return columnMoments(rows, 1)
}

// A block without kept rows changes nothing, not even a sign.
func TestEmptyBlock(t *testing.T) {
	empty := momentsOfColumn(nil)
	for _, x := range [][]float64{{math.Copysign(0, -1)}, {1, 2, 4}, {1e300}} {
		node := momentsOfColumn(x)
		for _, got := range []leafNode{joinMoments(node, empty), joinMoments(empty, node)} {
			if !same(got.a[0], node.a[0]) || !same(got.b[0], node.b[0]) || got.n != node.n {
				t.Errorf("%v and nothing: %v", x, got)
			}
		}
		sum := leafNode{a: []float64{add(x)}}
		none := leafNode{a: columnSum[float64](nil, 1)}
		if got := joinSums(none, sum).a[0]; !same(got, sum.a[0]) {
			t.Errorf("nothing and the sum of %v: %v", x, got)
		}
	}
}
