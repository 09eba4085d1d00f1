package plan

import (
	"math"
	"math/bits"

	"github.com/normgen/normgen/gen/ir"
)

// sweep runs one trip over the rows and joins the column reductions.
func (e *evaluator[T]) sweep(sw *Sweep) {
	e.renew(Col)
	var blocks []map[*ir.Value]leafNode
	for lo := 0; lo < e.f.Rows; lo += ColBlock {
		blocks = append(blocks, e.block(sw, lo, min(lo+ColBlock, e.f.Rows)))
	}
	for _, ph := range sw.Phases {
		for _, v := range ph.ColSums {
			s := e.k.Sums[v]
			e.f.wide[s] = e.joined(blocks, v, joinSums).a
		}
		for _, m := range ph.ColMoments {
			s, n := e.k.Sums[m.Values[0]], e.joined(blocks, m.Values[0], joinMoments)
			e.f.wide[s], e.f.square[s] = n.a, n.b
		}
	}
}

// A leafNode is a node of the tree over column blocks: sums in a, or means in
// a and sums of squares in b over n rows.
type leafNode struct {
	n    float64
	a, b []float64
}

func (e *evaluator[T]) joined(blocks []map[*ir.Value]leafNode, v *ir.Value, join func(l, r leafNode) leafNode) leafNode {
	if len(blocks) == 0 {
		return leafNode{a: make([]float64, e.f.Cols), b: make([]float64, e.f.Cols)}
	}
	return tree(blocks, v, join)
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

// block runs the phases over its rows and reduces its columns.
func (e *evaluator[T]) block(sw *Sweep, lo, hi int) map[*ir.Value]leafNode {
	kept := map[*ir.Value][][]T{}
	for e.row = lo; e.row < hi; e.row++ {
		e.renew(Row)
		for _, ph := range sw.Phases {
			e.phase(ph, kept)
		}
		e.save(sw)
	}
	out := map[*ir.Value]leafNode{}
	for _, ph := range sw.Phases {
		for _, v := range ph.ColSums {
			out[v] = leafNode{a: columnSum(kept[v], e.f.Cols)}
		}
		for _, m := range ph.ColMoments {
			out[m.Values[0]] = columnMoments(kept[m.Values[0]], e.f.Cols)
		}
	}
	return out
}

// phase runs one loop over a row, group by group if it is grouped.
func (e *evaluator[T]) phase(ph *Phase, kept map[*ir.Value][][]T) {
	groups, n := 1, e.f.Cols
	if ph.Grouped {
		groups, n = e.f.Groups, e.f.Cols/e.f.Groups
	}
	out := map[*ir.Value][]T{}
	for e.grp = range groups {
		e.base, e.col = e.grp*n, 0
		e.renew(Group)
		e.scalars(ph.Head)
		e.loop(ph, n, out)
		e.reduceRow(ph, out, n)
		e.scalars(ph.Tail)
	}
	e.base, e.grp = 0, 0
	e.renew(Group)
	e.keep(ph, out, kept)
}

// scalars computes row and group values; group values are kept at once, since
// the next group overwrites them.
func (e *evaluator[T]) scalars(vals []*ir.Value) {
	for _, v := range vals {
		e.setScalar(v, e.apply(v))
	}
}

func (e *evaluator[T]) setScalar(v *ir.Value, x float64) {
	if e.k.width[v] == Narrow {
		x = float64(T(x))
	}
	e.set(v, x)
	if s, ok := e.k.Slot[v]; ok && s.Kind == GroupSlot {
		e.store(s, e.f.Rows*e.f.Groups, e.row*e.f.Groups+e.grp, x)
	}
}

// loop computes the body for every element and collects the roots.
func (e *evaluator[T]) loop(ph *Phase, n int, out map[*ir.Value][]T) {
	roots := ph.roots()
	e.renew(Full)
	for e.col = range n {
		for _, v := range ph.Body {
			e.set(v, e.element(v))
		}
		for _, r := range roots {
			out[r] = append(out[r], T(e.get(r)))
		}
	}
	e.col = 0
}

// element computes one full value; a tensor's is read anew for each element.
func (e *evaluator[T]) element(v *ir.Value) float64 {
	if v.Op == ir.Load {
		return float64(e.f.Tensor[v.Leaf][e.row*e.f.Cols+e.base+e.col])
	}
	return e.apply(v)
}

// reduceRow finishes the reductions over the n elements just collected. A root
// that serves several reductions was collected once for each: roots lists them.
func (e *evaluator[T]) reduceRow(ph *Phase, out map[*ir.Value][]T, n int) {
	for _, v := range ph.RowSums {
		x := segment(out[v.Args[0]], ph, v.Args[0], e.base, n)
		e.setScalar(v, rowSum(x))
	}
	for _, m := range ph.RowMoments {
		shift, c, ss := rowMoments(segment(out[m.Of], ph, m.Of, e.base, n))
		for _, v := range m.Values {
			e.setScalar(v, pickMoment(v.Op, shift, c, ss))
		}
	}
}

// segment returns the last n elements collected for r, undoing the repetition
// of roots.
func segment[T Float](xs []T, ph *Phase, r *ir.Value, base, n int) []T {
	times := 0
	for _, o := range ph.roots() {
		if o == r {
			times++
		}
	}
	out := make([]T, 0, n)
	for j := base; j < base+n; j++ {
		out = append(out, xs[j*times])
	}
	return out
}

// pickMoment picks one of the four moments of a row.
func pickMoment[T Float](op ir.Op, shift T, c, ss float64) float64 {
	hi := T(float64(shift) + c)
	lo := T((float64(shift) - float64(hi)) + c)
	switch op {
	case ir.MomentHi:
		return float64(hi)
	case ir.MomentLo:
		return float64(lo)
	case ir.MomentSS:
		return ss
	}
	return float64(hi) + float64(lo)
}

// keep stores the phase's tensors and, of kept rows, what its column
// reductions add.
func (e *evaluator[T]) keep(ph *Phase, out map[*ir.Value][]T, kept map[*ir.Value][][]T) {
	whole := func(r *ir.Value) []T { return segment(out[r], ph, r, 0, e.f.Cols) }
	add := func(v, of *ir.Value, mask []*ir.Value) {
		if len(mask) == 0 || e.get(mask[0]) != 0 {
			kept[v] = append(kept[v], whole(of))
		}
	}
	for _, v := range ph.ColSums {
		add(v, v.Args[0], v.Args[1:])
	}
	for _, m := range ph.ColMoments {
		add(m.Values[0], m.Of, m.Values[0].Args[1:])
	}
	for _, st := range ph.Stores {
		dst := e.f.Tensor
		if st.Leaf.Kind == ir.InputLeaf {
			dst = e.f.Grad
		}
		copy(dst[st.Leaf][e.row*e.f.Cols:], whole(st.Value))
	}
}

// save stores the row values that outlive the row.
func (e *evaluator[T]) save(sw *Sweep) {
	for _, v := range sw.Saves {
		if s := e.k.Slot[v]; s.Kind == RowSlot {
			e.store(s, e.f.Rows, e.row, e.get(v))
		}
	}
}

// rowSum is the row sum of the reduction tree.
func rowSum[T Float](x []T) float64 {
	sum := math.Copysign(0, -1)
	for lo := 0; lo < len(x); lo += RowBlock {
		sum += float64(blockSum(x[lo:min(lo+RowBlock, len(x))]))
	}
	return sum
}

func blockSum[T Float](x []T) T {
	var lane [Lanes]T
	for l := range lane {
		lane[l] = T(math.Copysign(0, -1))
	}
	for i, v := range x {
		lane[i%Lanes] += v
	}
	return fold(lane[:])
}

// fold adds the upper half of x to the lower until one element is left.
func fold[T Float](x []T) T {
	for n := len(x) / 2; n > 0; n /= 2 {
		for i := range n {
			x[i] += x[i+n]
		}
	}
	return x[0]
}

// rowMoments returns shift, c and SS of the reduction tree.
func rowMoments[T Float](x []T) (shift T, c, ss float64) {
	p := floorPow2(min(RowShift, len(x)))
	first := append([]T{}, x[:p]...)
	shift = fold(first) * (1 / T(p))
	s1, s2 := momentSums(x, shift)
	inv := 1 / float64(len(x))
	c = float64(s1 * inv)
	if ss = s2 - float64(s1*c); c*s1 > ss {
		shift = T(float64(shift) + c)
		s1, s2 = momentSums(x, shift)
		c = float64(s1 * inv)
		ss = s2 - float64(s1*c)
	}
	if ss < 0 {
		ss = 0
	}
	return shift, c, ss
}

func momentSums[T Float](x []T, shift T) (s1, s2 float64) {
	d, d2 := make([]T, len(x)), make([]T, len(x))
	for i, v := range x {
		d[i] = v - shift
		d2[i] = T(d[i] * d[i])
	}
	return rowSum(d), rowSum(d2)
}

func floorPow2(n int) int { return 1 << (bits.Len(uint(n)) - 1) }

// columnSum adds the kept rows of a block in order.
func columnSum[T Float](rows [][]T, cols int) []float64 {
	out := make([]float64, cols)
	for j := range out {
		s := T(math.Copysign(0, -1))
		for _, r := range rows {
			s += r[j]
		}
		out[j] = float64(s)
	}
	return out
}

// columnMoments reduces the kept rows of a block to (n, mean, SS).
func columnMoments[T Float](rows [][]T, cols int) leafNode {
	out := leafNode{float64(len(rows)), make([]float64, cols), make([]float64, cols)}
	if len(rows) == 0 {
		return out
	}
	x := make([]T, len(rows))
	for j := range cols {
		for i, r := range rows {
			x[i] = r[j]
		}
		out.a[j], out.b[j] = blockMoments(x)
	}
	return out
}

func blockMoments[T Float](x []T) (mean, ss float64) {
	p := floorPow2(min(ColShift, len(x)))
	shift := fold(append([]T{}, x[:p]...)) * (1 / T(p))
	inv := 1 / float64(len(x))
	for range 2 {
		s1, s2 := quadSums(x, shift)
		c := float64(s1 * inv)
		mean, ss = float64(shift)+c, s2-float64(s1*c)
		if !(c*s1 > ss) {
			break
		}
		shift = T(float64(shift) + c)
	}
	if ss < 0 {
		ss = 0
	}
	return mean, ss
}

// quadSums adds d and d*d four at a time: (d0 + d2) + (d1 + d3), the quads in
// order, absent elements as -0.
func quadSums[T Float](x []T, shift T) (s1, s2 float64) {
	a := T(math.Copysign(0, -1))
	b := a
	for lo := 0; lo < len(x); lo += 4 {
		var d, q [4]T
		for i := range 4 {
			d[i] = T(math.Copysign(0, -1))
			q[i] = d[i]
			if lo+i < len(x) {
				d[i] = x[lo+i] - shift
				q[i] = T(d[i] * d[i])
			}
		}
		a += (d[0] + d[2]) + (d[1] + d[3])
		b += (q[0] + q[2]) + (q[1] + q[3])
	}
	return float64(a), float64(b)
}
