package runtime

// A worker runs a group of stages over its share of the blocks or segments.
type worker[T Float] struct {
	work    *WorkOf[T]
	block   Block[T]
	lo, hi  int            // rows that the arrays of the block are of
	trees   [][scopes]tree // of each stage of the group
	nothing []T            // -0 in all columns, which fresh sums are copied from
	scratch []ViewOf[T]    // blocks of gradients that are added to
}

func (k *worker[T]) size(w *WorkOf[T]) {
	k.work = w
	l, s, b := w.layer, w.layer.spec, &k.block
	c, sc, a := l.cols, s.Scratch, &s.Arrays
	b.Frame = &w.frame
	b.limit(c)
	b.Acc, b.Temp = rowsOf[T](sc.Acc, c), rowsOf[T](sc.Temp, c)
	b.Drop, b.shift, b.s1, b.s2 = make([]T, c), make([]T, c), make([]T, c), make([]T, c)
	k.nothing = make([]T, c)
	fill(k.nothing, negZero[T]())
	b.rows, b.far = make([]int, 0, BlockRows), make([]uint8, (c+7)/8)
	for range sc.Panel {
		b.Panel = append(b.Panel, panel[T](BlockRows, c))
	}
	for _, shape := range sc.Values {
		b.Values = append(b.Values, panel[float64](BlockRows, l.extent[shape]))
	}
	for _, g := range l.program.tensors[backward].out {
		if g.Segment {
			k.scratch = append(k.scratch, panel[T](1, l.extent[g.Shape]))
		} else {
			k.scratch = append(k.scratch, panel[T](BlockRows, c))
		}
	}
	b.Small, b.Moment = make([][]float64, l.program.smalls), make([]BlockMoments, l.program.moments)
	b.In, b.Out = make([]ViewOf[T], len(w.tensors)), make([]ViewOf[T], max(len(w.outputs), len(w.gradients)))
	b.Mask, b.Row, b.Group = make([][]bool, len(s.Masks)), make([][]T, a.Row), make([][]T, len(a.Group))
	b.Segment = Segment[T]{Col: make([][]T, len(a.SegCol)), Wide: make([][]float64, len(a.SegWide)),
		Sum: make([][]float64, len(a.SegSum)), Mean: make([][]float64, len(a.SegMoment)), SS: make([][]float64, len(a.SegMoment)),
		Count: make([]float64, 1+len(s.Masks))}
	k.grow(w)
}

// grow makes the trees. Each segment has a last block of its own.
func (k *worker[T]) grow(w *WorkOf[T]) {
	k.trees = make([][scopes]tree, len(w.layer.program.rooms))
	inner := blocks(w.maxRows)
	all := inner
	if w.segmented() {
		all = w.maxRows
	}
	for i, r := range w.layer.program.rooms {
		t := &k.trees[i]
		for s := range t {
			t[s].isa = w.layer.program.isa
		}
		t[OverRows].size(r[OverRows], all)
		t[OverSegment].size(r[OverSegment], inner)
		t[OverSegments].size(r[OverSegments], w.maxRows)
	}
}

func rowsOf[T Float](n, cols int) [][]T {
	out := make([][]T, n)
	for i := range out {
		out[i] = make([]T, cols)
	}
	return out
}

func panel[T Float](rows, cols int) ViewOf[T] { return Matrix(make([]T, rows*cols), rows, cols) }

// runWorker runs worker i's share of the sweep. What it wrote past the caches is
// there for all before it is done.
func (w *WorkOf[T]) runWorker(i int) {
	w.sweepShare(i)
	if w.frame.Stream {
		fence()
	}
}

// sweepShare runs worker i's blocks or segments of the group.
func (w *WorkOf[T]) sweepShare(i int) {
	k, g, n := &w.workers[i], w.groups[w.at], w.sharing
	all := w.shares(w.frame.Rows, w.segments.count)
	lo, hi := 0, all
	if n > 1 { // two divisions take as long as the checks of a view
		lo, hi = all*i/n, all*(i+1)/n
	}
	for p := range g {
		for s := range g[p].layouts {
			k.trees[p][s].reset(&g[p].layouts[s])
		}
	}
	if w.segmented() {
		for s := lo; s < hi; s++ {
			k.segment(g, s)
		}
		return
	}
	for i := range hi - lo {
		b := g[0].order(lo, hi, i, w.at > 0)
		from := b * BlockRows
		k.sweep(&g[0], &k.trees[0], position{w.firstRow/BlockRows + b, 0, from, min(from+BlockRows, w.frame.Rows)})
	}
}

// order returns which of the blocks from lo to hi is taken as number i. If nothing is
// reduced and a sweep went before, the last block comes first: the caches may still
// have it.
func (st *stage[T]) order(lo, hi, i int, again bool) int {
	if again && !st.reduces {
		return hi - 1 - i
	}
	return lo + i
}

// absorb takes over the reductions of the next worker, or the next shard.
func (k *worker[T]) absorb(next *worker[T]) {
	w := k.work
	for p := range w.groups[w.at] {
		for _, s := range [...]Scope{OverRows, OverSegments} {
			k.trees[p][s].absorb(&next.trees[p][s])
		}
	}
}
