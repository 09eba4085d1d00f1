package runtime

import "math/bits"

// A tree joins the reductions of blocks, or of segments, by absolute index. It
// holds the canonical cover of the blocks it has seen: aligned nodes, larger
// ones first. Two aligned siblings join as soon as they meet, so the order of
// additions depends on the indices alone, not on who saw which block.
type tree struct {
	layout *layout // of the stage at hand
	room   room    // of every node: the most that any stage has
	nodes  []node
	depth  int // nodes in use
	isa    ISA // of the layer
}

// A node covers the blocks index<<level to (index+1)<<level.
type node struct {
	level, index int
	sum          []float64
	n            []float64 // rows of each moment
	mean, ss     []float64
}

// size makes room for the cover of that many consecutive blocks, wherever they
// start. Only a join of many shards needs more, and grows.
func (t *tree) size(r room, blocks int) {
	t.room = r
	for range 2*bits.Len(uint(blocks)) + 2 {
		t.grow()
	}
}

func (t *tree) grow() {
	r := &t.room
	t.nodes = append(t.nodes, node{sum: make([]float64, r.sums), n: make([]float64, r.moments),
		mean: make([]float64, r.spread), ss: make([]float64, r.spread)})
}

// reset empties the tree for reductions of that layout.
func (t *tree) reset(l *layout) { t.layout, t.depth = l, 0 }

// leaf returns the node for block index, to be filled before settle; nil if
// there is nothing to reduce.
func (t *tree) leaf(index int) *node {
	if t.layout.empty() {
		return nil
	}
	return t.push(0, index)
}

func (t *tree) push(level, index int) *node {
	if t.depth == len(t.nodes) {
		t.grow()
	}
	n := &t.nodes[t.depth]
	t.depth++
	n.level, n.index = level, index
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
		t.copy(t.push(src.level, src.index), src)
		t.settle()
	}
}

func (t *tree) copy(dst, src *node) {
	copyAll(dst.sum[:t.layout.sums], src.sum)
	copy(dst.n[:len(t.layout.moment)], src.n)
	copyAll(dst.mean[:t.layout.spread], src.mean)
	copyAll(dst.ss[:t.layout.spread], src.ss)
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
	addSums(t.isa, l.sum, r.sum[:t.layout.sums])
	for _, p := range t.layout.moment {
		joinMoment(t.isa, l, r, p)
	}
}

// joinMoment is Chan's formula. An empty side adds nothing.
func joinMoment(isa ISA, l, r *node, p place) {
	lm, ls, rm, rs := l.mean[p.from:p.to], l.ss[p.from:p.to], r.mean[p.from:p.to], r.ss[p.from:p.to]
	nl, nr := l.n[p.index], r.n[p.index]
	switch n := nl + nr; {
	case nr == 0:
	case nl == 0:
		copyAll(lm, rm)
		copyAll(ls, rs)
	default:
		joinSpread(isa, lm, ls, rm, rs, nr/n, nl*nr/n)
	}
	l.n[p.index] = nl + nr
}
