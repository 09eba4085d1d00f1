package runtime

// A position says where a block is: its number in the batch and in its segment, and its
// rows in the tensors.
type position struct{ batch, inner, lo, hi int }

// sweep runs one block and hands its reductions to the trees.
func (k *worker[T]) sweep(st *stage[T], trees *[scopes]tree, p position) {
	if st.sweep == nil {
		return
	}
	k.aim(p.lo, p.hi)
	if k.work.add {
		k.divert(false)
	}
	var nodes [scopes]*node
	if st.reduces {
		nodes = [scopes]*node{OverRows: trees[OverRows].leaf(p.batch), OverSegment: trees[OverSegment].leaf(p.inner)}
		k.open(st, &nodes)
	}
	if st.isa > Portable {
		reveal(k.block.In[:len(k.work.in)], k.block.Out[:len(k.work.out)])
	}
	st.sweep(&k.block)
	if st.reduces {
		k.close(st, &nodes)
		trees[OverRows].settle()
		trees[OverSegment].settle()
	}
	if k.work.add {
		k.addOut(false, p.lo)
	}
}

// open readies the accumulators of the reductions that have a node: sums of
// elements in scratch, all others in the node itself.
func (k *worker[T]) open(st *stage[T], nodes *[scopes]*node) {
	b := &k.block
	for i := range st.Sums {
		s, p := &st.Sums[i], &st.sums[i]
		n := nodes[s.Scope]
		switch {
		case n == nil:
		case s.Small:
			b.Small[p.index] = n.sum[p.from:p.to]
			fill(b.Small[p.index], negZero[float64]())
		default:
			copyAll(b.Acc[p.index], k.nothing)
		}
	}
	for i, m := range st.Moments {
		if n, p := nodes[m.Scope], st.moments[i]; n != nil {
			b.Moment[i] = BlockMoments{Mask: m.Mask, Mean: n.mean[p.from:p.to], SS: n.ss[p.from:p.to]}
		}
	}
}

// close moves the accumulators to the nodes.
func (k *worker[T]) close(st *stage[T], nodes *[scopes]*node) {
	b := &k.block
	for i, s := range st.Sums {
		if n, p := nodes[s.Scope], st.sums[i]; n != nil && !s.Small {
			widen(k.work.layer.program.isa, n.sum[p.from:p.to], b.Acc[p.index])
		}
	}
	for i, m := range st.Moments {
		if n := nodes[m.Scope]; n != nil {
			n.n[st.moments[i].index] = b.Moment[i].N
		}
	}
}

func fill[E any](x []E, v E) {
	for i := range x {
		x[i] = v
	}
}

// aim points the block's arrays at rows lo to hi.
func (k *worker[T]) aim(lo, hi int) {
	w, b := k.work, &k.block
	tensors := &w.layer.program.tensors[w.phase]
	b.N = hi - lo
	for i := range w.in {
		if !tensors.in[i].Segment {
			b.In[i].point(&w.in[i], lo, hi)
		}
	}
	for i := range w.out {
		if !tensors.out[i].Segment {
			b.Out[i].point(&w.out[i], lo, hi)
		}
	}
	for i, m := range w.mask {
		b.Mask[i] = nil
		if m != nil {
			b.Mask[i] = m[lo:hi]
		}
	}
	if lo != k.lo || hi != k.hi { // they stay where they are: a work of one block is aimed once
		k.aimArrays(lo, hi)
	}
}

// aimArrays points the arrays of rows and groups at rows lo to hi.
func (k *worker[T]) aimArrays(lo, hi int) {
	w, b := k.work, &k.block
	k.lo, k.hi = lo, hi
	for i, r := range w.row {
		b.Row[i] = r[lo:hi]
	}
	for i, g := range w.group {
		n := w.layer.extent[w.layer.spec.Arrays.Group[i]]
		b.Group[i] = g[lo*n : hi*n]
	}
}

// divert makes the block write whole tensors, or those of segments, to scratch.
// An output that is not written stays -0 and adds nothing.
func (k *worker[T]) divert(segment bool) {
	for i, s := range k.work.layer.program.tensors[backward].out {
		if s.Segment == segment {
			o := &k.block.Out[i]
			*o = k.scratch[i].Slice(0, o.Rows)
			fill(o.Data, negZero[T]())
		}
	}
}

// addOut adds what was diverted to row lo of the views and on.
func (k *worker[T]) addOut(segment bool, lo int) {
	for i, s := range k.work.layer.program.tensors[backward].out {
		if s.Segment != segment {
			continue
		}
		for r := range k.block.Out[i].Rows {
			dst, src := k.work.out[i].Row(lo+r), k.block.Out[i].Row(r)
			addTo(k.work.layer.program.isa, dst, src)
		}
	}
}
