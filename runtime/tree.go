package runtime

import "math/bits"

// A tree joins the column reductions of blocks by absolute block index. It
// holds the canonical cover of the blocks it has seen: aligned nodes, larger
// ones first. Two aligned siblings join as soon as they meet, so the order of
// additions depends on the indices alone, not on who saw which block.
type tree struct {
	cols                  int
	sums, moments         int // of the sweep at hand
	roomSums, roomMoments int // of every node: the most that any sweep has
	nodes                 []node
	depth                 int // nodes in use
}

// A node covers the blocks index<<level to (index+1)<<level.
type node struct {
	level, index int
	sum          []float64 // sums*cols
	n            []float64 // rows of each moment
	mean, ss     []float64 // moments*cols
}

// size makes room for the cover of that many consecutive blocks, wherever they
// start. Only a join of many shards needs more, and grows.
func (t *tree) size(sums, moments, cols, blocks int) {
	t.roomSums, t.roomMoments, t.cols = sums, moments, cols
	for range 2*bits.Len(uint(blocks)) + 2 {
		t.grow()
	}
}

func (t *tree) grow() {
	s, m := t.roomSums*t.cols, t.roomMoments*t.cols
	t.nodes = append(t.nodes, node{sum: make([]float64, s), n: make([]float64, t.roomMoments),
		mean: make([]float64, m), ss: make([]float64, m)})
}

// reset empties the tree for a sweep of so many sums and moments.
func (t *tree) reset(sums, moments int) { t.sums, t.moments, t.depth = sums, moments, 0 }

// leaf returns the node for block index, to be filled before settle.
func (t *tree) leaf(index int) *node {
	if t.depth == len(t.nodes) {
		t.grow()
	}
	n := &t.nodes[t.depth]
	t.depth++
	n.level, n.index = 0, index
	return n
}

// settle joins siblings on top of the stack.
func (t *tree) settle() {
	for t.depth > 1 {
		l, r := &t.nodes[t.depth-2], &t.nodes[t.depth-1]
		if l.level != r.level || l.index%2 != 0 || r.index != l.index+1 {
			return
		}
		t.join(l, r)
		l.level++
		l.index /= 2
		t.depth--
	}
}

// absorb takes over the nodes of u, whose blocks follow.
func (t *tree) absorb(u *tree) {
	for i := range u.depth {
		src := &u.nodes[i]
		dst := t.leaf(src.index)
		dst.level = src.level
		t.copy(dst, src)
		t.settle()
	}
}

func (t *tree) copy(dst, src *node) {
	copy(dst.sum[:t.sums*t.cols], src.sum)
	copy(dst.n[:t.moments], src.n)
	copy(dst.mean[:t.moments*t.cols], src.mean)
	copy(dst.ss[:t.moments*t.cols], src.ss)
}

// root joins what is left from the right and returns it; nil if there were no
// blocks.
func (t *tree) root() *node {
	if t.depth == 0 {
		return nil
	}
	for ; t.depth > 1; t.depth-- {
		t.join(&t.nodes[t.depth-2], &t.nodes[t.depth-1])
	}
	return &t.nodes[0]
}

// join adds r to l.
func (t *tree) join(l, r *node) {
	for i, x := range r.sum[:t.sums*t.cols] {
		l.sum[i] += x
	}
	for m := range t.moments {
		t.joinMoment(l, r, m)
	}
}

// joinMoment is Chan's formula. An empty side adds nothing.
func (t *tree) joinMoment(l, r *node, m int) {
	lo, hi := m*t.cols, (m+1)*t.cols
	lm, ls, rm, rs := l.mean[lo:hi], l.ss[lo:hi], r.mean[lo:hi], r.ss[lo:hi]
	nl, nr := l.n[m], r.n[m]
	switch n := nl + nr; {
	case nr == 0:
	case nl == 0:
		copy(lm, rm)
		copy(ls, rs)
	default:
		right, both := nr/n, nl*nr/n
		for j := range lm {
			d := rm[j] - lm[j]
			lm[j] += float64(d * right)
			ls[j] = (ls[j] + rs[j]) + float64(float64(d*d)*both)
		}
	}
	l.n[m] = nl + nr
}
