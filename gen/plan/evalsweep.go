package plan

import (
	"math"
	"math/bits"

	"github.com/normgen/normgen/gen/ir"
)

// entries are the operands of reductions over rows, kept row by row, by the
// reduction, or the first of those that share moments.
type entries[T Float] struct {
	elements map[*ir.Value][][]T
	products map[*ir.Value][][]float64 // instead, those that are added as they are
	small    map[*ir.Value][][]float64
}

func newEntries[T Float]() entries[T] {
	return entries[T]{map[*ir.Value][][]T{}, map[*ir.Value][][]float64{}, map[*ir.Value][][]float64{}}
}

// segments runs stages that follow one another segment by segment, and joins
// the reductions of all rows.
func (e *evaluator[T]) segments(stages []*Stage) {
	sp := &e.k.sp
	all := make([][]map[*ir.Value]leafNode, len(stages))  // blocks of rows
	each := make([][]map[*ir.Value]leafNode, len(stages)) // segments
	e.each(sp.segs, func() {
		for i, st := range stages {
			e.renew(Seg)
			e.steps(st.Begin, Seg)
			each[i] = append(each[i], e.begin(st))
			blocks := e.rows(st.Sweep)
			all[i] = append(all[i], blocks...)
			e.join(st.Sweep, blocks, Seg)
		}
	})
	for i, st := range stages {
		e.join(st.Sweep, all[i], Col)
		for _, r := range reductions(st.Sums, st.Moments) {
			e.finish(r, each[i])
		}
	}
}

// begin takes the operands of reductions over segments, and stores tensors.
func (e *evaluator[T]) begin(st *Stage) map[*ir.Value]leafNode {
	e.step = true
	defer func() { e.step = false }()
	for _, o := range st.Stores {
		dst := e.f.tensor(o.Leaf)
		e.each(o.Value.Axes&^e.k.sp.rows, func() { dst[e.at(o.Leaf.Dims)] = T(e.fromArray(o.Value)) })
	}
	out := map[*ir.Value]leafNode{}
	for _, r := range reductions(st.Sums, st.Moments) {
		var xs []float64
		if m := r.mask; m == nil || e.get(m) != 0 {
			e.each(r.of.Axes&^e.k.sp.rows, func() { xs = append(xs, e.fromArray(r.of)) })
			out[r.key] = smallBlock(r, [][]float64{xs}, len(xs))
		}
	}
	return out
}

// tensor is where the frame keeps what belongs to a leaf that is written.
func (f *Frame[T]) tensor(l *ir.Leaf) []T {
	if l.Kind == ir.InputLeaf {
		return f.Grad[l]
	}
	return f.Tensor[l]
}

// A reduction is a sum or moments over rows.
type reduction struct {
	key, of, mask *ir.Value
	moments       bool
}

func reductions(sums []*ir.Value, moments []Moments) []reduction {
	var out []reduction
	for _, v := range sums {
		r := reduction{key: v, of: v.Args[0]}
		if len(v.Args) > 1 {
			r.mask = v.Args[1]
		}
		out = append(out, r)
	}
	for _, m := range moments {
		out = append(out, reduction{m.Values[0], m.Of, m.Mask, true})
	}
	return out
}

// rows runs a sweep over the rows of the segment at hand and returns its blocks.
func (e *evaluator[T]) rows(sw *Sweep) []map[*ir.Value]leafNode {
	e.renew(Col)
	var blocks []map[*ir.Value]leafNode
	kept, n := newEntries[T](), 0
	e.each(e.k.sp.rows&^e.k.sp.segs, func() {
		e.row(sw, kept)
		if n++; n == ColBlock {
			blocks = append(blocks, e.block(sw, kept))
			kept, n = newEntries[T](), 0
		}
	})
	if n > 0 {
		blocks = append(blocks, e.block(sw, kept))
	}
	return blocks
}

// join finishes the sweep's reductions over the rows of those blocks: those
// whose result has rank r.
func (e *evaluator[T]) join(sw *Sweep, blocks []map[*ir.Value]leafNode, r Rank) {
	for _, ph := range sw.Phases {
		for _, list := range [][]reduction{reductions(ph.ColSums, ph.ColMoments), reductions(ph.SmallSums, ph.SmallMoments)} {
			for _, red := range list {
				if e.k.rank[red.key.ID] == r {
					e.finish(red, blocks)
				}
			}
		}
	}
}

func (e *evaluator[T]) finish(r reduction, blocks []map[*ir.Value]leafNode) {
	join := joinSums
	if r.moments {
		join = joinMoments
	}
	s := e.k.Sums[r.key]
	n := leafNode{}
	for i := range blocks {
		if blocks[i][r.key].a == nil { // a masked segment
			blocks[i][r.key] = emptyNode(e.size(s.Shape), r.moments)
		}
	}
	if len(blocks) > 0 {
		n = tree(blocks, r.key, join)
	} else {
		n = leafNode{a: make([]float64, e.size(s.Shape)), b: make([]float64, e.size(s.Shape))}
	}
	i := 0
	e.each(s.Shape, func() {
		e.storeWide(e.f.wide, s, n.a[i])
		if r.moments {
			e.storeWide(e.f.square, s, n.b[i])
		}
		i++
	})
}

func emptyNode(n int, moments bool) leafNode {
	out := leafNode{a: make([]float64, n), b: make([]float64, n)}
	for i := range out.a {
		if !moments {
			out.a[i] = math.Copysign(0, -1)
		}
	}
	return out
}

// A leafNode is a node of the tree over column blocks: sums in a, or means in
// a and sums of squares in b over n rows.
type leafNode struct {
	n    float64
	a, b []float64
}

// tree joins blocks as package plan's doc says: the largest aligned half first.
func tree(blocks []map[*ir.Value]leafNode, v *ir.Value, join func(l, r leafNode) leafNode) leafNode {
	n := len(blocks)
	if n == 1 {
		return blocks[0][v]
	}
	half := 1 << (bits.Len(uint(n-1)) - 1)
	return join(tree(blocks[:half], v, join), tree(blocks[half:], v, join))
}

func joinSums(l, r leafNode) leafNode {
	out := make([]float64, len(l.a))
	for j := range out {
		out[j] = l.a[j] + r.a[j]
	}
	return leafNode{a: out}
}

// joinMoments is Chan's formula.
func joinMoments(l, r leafNode) leafNode {
	if l.n == 0 {
		return r
	}
	if r.n == 0 {
		return l
	}
	n := l.n + r.n
	out := leafNode{n, make([]float64, len(l.a)), make([]float64, len(l.a))}
	for j := range out.a {
		d := r.a[j] - l.a[j]
		out.a[j] = l.a[j] + float64(d*(r.n/n))
		out.b[j] = (l.b[j] + r.b[j]) + float64(float64(d*d)*(l.n*r.n/n))
	}
	return out
}

// row runs the phases over one row.
func (e *evaluator[T]) row(sw *Sweep, kept entries[T]) {
	e.renew(Row)
	for _, ph := range sw.Phases {
		e.phase(ph, kept)
	}
	for _, v := range sw.Saves {
		if s := e.k.Slot[v]; s.Kind == RowSlot {
			e.store(s, e.get(v))
		}
	}
}

// block reduces the rows of a block.
func (e *evaluator[T]) block(sw *Sweep, kept entries[T]) map[*ir.Value]leafNode {
	out := map[*ir.Value]leafNode{}
	for _, ph := range sw.Phases {
		for _, r := range reductions(ph.ColSums, ph.ColMoments) {
			n := e.size(e.k.sp.cols)
			switch {
			case r.moments:
				out[r.key] = columnMoments(kept.elements[r.key], n)
			case kept.products[r.key] != nil:
				out[r.key] = leafNode{a: columnSumFused(kept.products[r.key], n)}
			default:
				out[r.key] = leafNode{a: columnSum(kept.elements[r.key], n)}
			}
		}
		for _, r := range reductions(ph.SmallSums, ph.SmallMoments) {
			out[r.key] = smallBlock(r, kept.small[r.key], e.size(e.k.Group(r.of)))
		}
	}
	return out
}

// smallBlock reduces rows of n values in float64.
func smallBlock(r reduction, rows [][]float64, n int) leafNode {
	if len(rows) == 0 {
		return emptyNode(n, r.moments)
	}
	out := leafNode{n: float64(len(rows)), a: make([]float64, n), b: make([]float64, n)}
	for j := range n {
		sum := math.Copysign(0, -1)
		var xs []float64
		for _, x := range rows {
			sum += x[j]
			xs = append(xs, x[j])
		}
		if out.a[j] = sum; r.moments {
			out.a[j], out.b[j] = arrayMoments(xs, math.Copysign(0, -1))
		}
	}
	return out
}

// roots are what the elements of a row computed; of products that are left to an
// addition, also what they are unrounded.
type roots[T Float] struct {
	elements map[*ir.Value][]T
	products map[*ir.Value][]float64
}

// phase runs one loop over a row, group by group.
func (e *evaluator[T]) phase(ph *Phase, kept entries[T]) {
	out := roots[T]{map[*ir.Value][]T{}, map[*ir.Value][]float64{}}
	small := map[*ir.Value][]float64{}
	if e.left = nil; e.f.Fast {
		e.left = ph.Left
	}
	e.each(ph.Level, func() {
		e.renew(Group)
		e.scalars(ph.Head)
		from := e.elements(ph, out)
		e.reduceGroup(ph, out, from)
		e.scalars(ph.Tail)
		for _, r := range reductions(ph.SmallSums, ph.SmallMoments) {
			small[r.key] = append(small[r.key], e.get(r.of))
		}
	})
	e.renew(Group)
	e.enter(ph, kept, out, small)
}

// scalars computes row and group values; group values are kept at once, since
// the next group overwrites them.
func (e *evaluator[T]) scalars(vals []*ir.Value) {
	for _, v := range vals {
		if v.Op.Reduces() {
			e.setScalar(v, e.small(v))
			continue
		}
		e.setScalar(v, e.apply(v))
	}
}

func (e *evaluator[T]) setScalar(v *ir.Value, x float64) {
	if e.k.width[v.ID] == Narrow {
		x = float64(T(x))
	}
	e.set(v, x)
	if s, ok := e.k.Slot[v]; ok && s.Kind == GroupSlot {
		e.store(s, x)
	}
}

// elements computes the body for every element of the group and collects the
// roots, each once. It returns where the group begins in what was collected.
func (e *evaluator[T]) elements(ph *Phase, out roots[T]) int {
	roots := map[*ir.Value]bool{}
	from := 0
	for _, r := range ph.roots() {
		roots[r] = true
		from = len(out.elements[r])
	}
	if len(roots) == 0 {
		return 0
	}
	e.each(e.k.sp.cols&^ph.Level, func() {
		e.renew(Full)
		for _, v := range ph.Body {
			e.set(v, e.apply(v))
		}
		for r := range roots {
			out.elements[r] = append(out.elements[r], T(e.get(r)))
			if e.left[r] {
				out.products[r] = append(out.products[r], e.product(r))
			}
		}
	})
	return from
}

// reduceGroup finishes the reductions over the elements from index from on.
func (e *evaluator[T]) reduceGroup(ph *Phase, out roots[T], from int) {
	for _, v := range ph.RowSums {
		x := out.elements[v.Args[0]][from:]
		switch {
		case v.Op == ir.MaxOf:
			e.setScalar(v, largest(x))
		case e.left[v.Args[0]] && ph.Run == ph.Level: // else the elements are stored in between
			e.setScalar(v, rowSumFused(out.products[v.Args[0]][from:]))
		default:
			e.setScalar(v, rowSum(x))
		}
	}
	for _, m := range ph.RowMoments {
		shift, c, ss := rowMoments(out.elements[m.Of][from:])
		for _, v := range m.Values {
			e.setScalar(v, rowMoment(v.Op, shift, c, ss))
		}
	}
}

// enter stores the phase's tensors and, of rows that their mask keeps, what its
// reductions over rows add.
func (e *evaluator[T]) enter(ph *Phase, kept entries[T], out roots[T], small map[*ir.Value][]float64) {
	for _, r := range reductions(ph.ColSums, ph.ColMoments) {
		switch {
		case r.mask != nil && e.get(r.mask) == 0:
		case e.left[r.of] && !r.moments:
			kept.products[r.key] = append(kept.products[r.key], out.products[r.of])
		default:
			kept.elements[r.key] = append(kept.elements[r.key], out.elements[r.of])
		}
	}
	for _, r := range reductions(ph.SmallSums, ph.SmallMoments) {
		if r.mask == nil || e.get(r.mask) != 0 {
			kept.small[r.key] = append(kept.small[r.key], small[r.key])
		}
	}
	for _, st := range ph.Stores {
		dst, i := e.f.tensor(st.Leaf), 0
		e.each(e.k.sp.cols, func() {
			dst[e.at(st.Leaf.Dims)] = out.elements[st.Value][i]
			i++
		})
	}
}
