package runtime

import (
	"math"
	"math/rand/v2"
	"testing"
)

const testCols = 3

// testLayout is of two sums and one moment.
func testLayout() *layout {
	l := new(layout)
	l.addSum(testCols)
	l.addSum(testCols)
	l.addMoment(testCols)
	return l
}

// newTree makes a tree of room for so many blocks.
func newTree(blocks int) *tree {
	t, r := new(tree), room{}
	r.include(testLayout())
	t.size(r, blocks)
	t.reset(testLayout())
	return t
}

// fillLeaf gives a block two sums and one moment that depend on its index alone.
func fillLeaf(n *node, index int) {
	r := rand.New(rand.NewPCG(9, uint64(index)))
	for i := range n.sum {
		n.sum[i] = r.NormFloat64() * math.Exp2(20*r.Float64())
	}
	n.n[0] = float64(r.IntN(3) * r.IntN(17)) // nothing, often
	for j := range n.mean {
		n.mean[j], n.ss[j] = 1e3+r.NormFloat64(), r.Float64()
		if n.n[0] == 0 {
			n.mean[j], n.ss[j] = math.NaN(), math.NaN() // must not matter
		}
	}
}

// grown returns the tree of the blocks lo to hi.
func grown(lo, hi int) *tree {
	t := newTree(hi - lo)
	for i := lo; i < hi; i++ {
		fillLeaf(t.leaf(i), i)
		t.settle()
	}
	return t
}

func sameNode(t *testing.T, what string, a, b *node) {
	t.Helper()
	if (a == nil) != (b == nil) {
		t.Fatalf("%s: %v and %v", what, a, b)
	}
	if a == nil {
		return
	}
	for _, p := range [][2][]float64{{a.sum, b.sum}, {a.n, b.n}, {a.mean, b.mean}, {a.ss, b.ss}} {
		for i := range p[0] {
			if math.Float64bits(p[0][i]) != math.Float64bits(p[1][i]) {
				t.Fatalf("%s: %v and %v", what, p[0], p[1])
			}
		}
	}
}

// TestTreePartitions holds any cut of the blocks into ranges, joined in any
// nesting, to the bits of one pass.
func TestTreePartitions(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for range 400 {
		lo := r.IntN(40)
		hi := lo + r.IntN(100)
		want := grown(lo, hi).root()
		sameNode(t, "cut", split(r, lo, hi).root(), want)
	}
}

// split builds the tree of a range from parts of it.
func split(r *rand.Rand, lo, hi int) *tree {
	if hi-lo < 2 || r.IntN(5) == 0 {
		return grown(lo, hi)
	}
	mid := lo + r.IntN(hi-lo+1)
	if mid == lo || mid == hi {
		return grown(lo, hi)
	}
	t := split(r, lo, mid)
	t.absorb(split(r, mid, hi))
	return t
}

// TestTreeRoom holds that a range of blocks fits the room that size makes.
func TestTreeRoom(t *testing.T) {
	for n := range 70 {
		for lo := range 70 {
			a := newTree(n)
			room := len(a.nodes)
			for i := lo; i < lo+n; i++ {
				a.leaf(i)
				a.settle()
			}
			if len(a.nodes) > room {
				t.Fatalf("%d blocks from %d take %d nodes; there is room for %d", n, lo, len(a.nodes), room)
			}
		}
	}
}

// TestTreeGrownNode holds that a node grown in one sweep serves a larger one.
func TestTreeGrownNode(t *testing.T) {
	a, small := newTree(0), new(layout)
	small.addSum(1)
	a.reset(small)
	for i := range 64 {
		a.leaf(2 * i)
	}
	a.reset(testLayout())
	for i := range 64 {
		fillLeaf(a.leaf(2*i), i)
	}
}

// TestTreeSums holds the root to plain sums and moments of all rows.
func TestTreeSums(t *testing.T) {
	const blocks = 77
	got := grown(0, blocks).root()
	var n, sum, mean, ss float64
	var all []node
	for i := range blocks {
		l := grown(i, i+1).root()
		sum += l.sum[0]
		if l.n[0] > 0 {
			n += l.n[0]
			mean += l.n[0] * l.mean[0]
			all = append(all, *l)
		}
	}
	mean /= n
	for _, l := range all {
		ss += l.ss[0] + l.n[0]*(l.mean[0]-mean)*(l.mean[0]-mean)
	}
	for what, p := range map[string][2]float64{"n": {got.n[0], n}, "sum": {got.sum[0], sum}, "mean": {got.mean[0], mean}, "ss": {got.ss[0], ss}} {
		if math.Abs(p[0]-p[1]) > 1e-11*math.Abs(p[1]) {
			t.Errorf("%s is %v, want %v", what, p[0], p[1])
		}
	}
}
