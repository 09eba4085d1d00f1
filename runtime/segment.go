package runtime

// segment runs a group of stages over segment i, one after the other.
func (k *worker[T]) segment(g group[T], i int) {
	w, s := k.work, &k.block.Segment
	rows, per := w.segments.rows, blocks(w.segments.rows)
	first, end := w.firstSegment()+i, (i+1)*rows
	k.enter(i)
	for p := range g {
		trees := &k.trees[p]
		k.begin(&g[p], trees, i, first)
		for n := range per {
			b := g[p].order(0, per, n, p > 0)
			lo := i*rows + b*BlockRows
			k.sweep(&g[p], trees, position{first*per + b, b, lo, min(lo+BlockRows, end)})
		}
		t := &trees[OverSegment]
		g[p].take(OverSegment, t.root(), s.Sum, s.Mean, s.SS)
		t.reset(t.layout)
	}
}

// firstSegment is the absolute number of the first segment of the shard.
func (w *WorkOf[T]) firstSegment() int {
	if w.segments.rows == 0 {
		return 0
	}
	return w.firstRow / w.segments.rows
}

// enter points the block at segment i.
func (k *worker[T]) enter(i int) {
	w, b := k.work, &k.block
	tensors := &w.layer.program.tensors[w.phase]
	w.segments.of(i, &b.Segment, &w.layer.spec.Arrays, w.layer.extent)
	for j, v := range w.in {
		if tensors.in[j].Segment {
			b.In[j] = v.Slice(i, i+1)
		}
	}
	for j, v := range w.out {
		if tensors.out[j].Segment {
			b.Out[j] = v.Slice(i, i+1)
		}
	}
	n := w.segments.rows
	b.Segment.Count[0] = max(1, float64(n))
	for j, m := range w.mask {
		b.Segment.Count[j+1] = b.Segment.Count[0]
		if m != nil {
			b.Segment.Count[j+1] = max(1, count(m[i*n:(i+1)*n]))
		}
	}
}

// ofSegment is the mask of a segment whose first row is lo. One without rows is left out.
func ofSegment(mask []bool, lo int) []bool {
	if lo == len(mask) {
		return leftOut
	}
	return mask[lo : lo+1]
}

var leftOut = []bool{false}

// begin runs the step over the values of segment i, number index of the batch.
// The block is the one row of the segment, and has no rows of whole tensors. A mask
// that the step reads is the same for all rows of the segment.
func (k *worker[T]) begin(st *stage[T], trees *[scopes]tree, i, index int) {
	if st.begin == nil {
		return
	}
	w := k.work
	lo := i * w.segments.rows
	k.aim(lo, lo)
	k.block.N = 1
	for j, m := range w.mask {
		if m != nil {
			k.block.Mask[j] = ofSegment(m, lo)
		}
	}
	if w.add {
		k.divert(true)
	}
	nodes := [scopes]*node{OverSegments: trees[OverSegments].leaf(index)}
	k.open(st, &nodes)
	st.begin(&k.block)
	k.close(st, &nodes)
	trees[OverSegments].settle()
	if w.add {
		k.addOut(true, i)
	}
}
