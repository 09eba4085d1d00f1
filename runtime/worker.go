package runtime

// A worker runs the sweep of a range of blocks.
type worker[T Float] struct {
	block   Block[T]
	tree    tree
	scratch []ViewOf[T] // blocks of outputs that are added to
}

func (k *worker[T]) size(w *WorkOf[T]) {
	s, c, b := w.layer.spec, w.layer.cols, &k.block
	sc := s.Scratch
	b.Frame = &w.frame
	b.Acc, b.Temp = arrays[T](sc.Acc, c), arrays[T](sc.Temp, c)
	b.Drop, b.shift, b.s1, b.s2 = make([]T, c), make([]T, c), make([]T, c), make([]T, c)
	b.rows = make([]int, 0, BlockRows)
	b.Panel, k.scratch = panels[T](sc.Panel, c), panels[T](len(s.Inputs), c)
	b.Moment = make([]BlockMoments, sc.Moment)
	k.tree.size(sc.Acc, sc.Moment, c, blocks(w.maxRows))
	tensors := len(s.Inputs) + 2*len(s.Outputs)
	b.In, b.Out = make([]ViewOf[T], tensors), make([]ViewOf[T], tensors)
	b.Mask = make([][]bool, len(s.Masks))
	b.Row, b.Group = make([][]T, s.Arrays.Row), make([][]T, s.Arrays.Group)
}

// panels makes n blocks of rows.
func panels[T Float](n, cols int) []ViewOf[T] {
	var out []ViewOf[T]
	for range n {
		out = append(out, Matrix(make([]T, BlockRows*cols), BlockRows, cols))
	}
	return out
}

// runWorker sweeps worker i's share of the blocks.
func (w *WorkOf[T]) runWorker(i int) {
	st := &w.kernel.Stages[w.stage]
	all, n := blocks(w.frame.Rows), w.sharers()
	k := &w.workers[i]
	k.tree.reset(len(st.Sums), len(st.Moments))
	for b := all * i / n; b < all*(i+1)/n; b++ {
		k.sweep(w, st, b)
	}
}

// sweep runs one block and hands its column reductions to the tree.
func (k *worker[T]) sweep(w *WorkOf[T], st *Stage[T], index int) {
	lo := index * BlockRows
	hi := min(lo+BlockRows, w.frame.Rows)
	k.aim(w, lo, hi)
	if w.add {
		k.divert(w)
	}
	n := k.tree.leaf(w.firstBlock + index)
	k.open(st, n)
	st.Sweep(&k.block)
	k.close(st, n)
	k.tree.settle()
	if w.add {
		k.addOut(w, lo)
	}
}

// open readies the accumulators of the block: sums in scratch, moments in the
// node itself.
func (k *worker[T]) open(st *Stage[T], n *node) {
	b := &k.block
	c := b.Cols
	for i, m := range st.Moments {
		b.Moment[i] = BlockMoments{Mask: m.Mask, Mean: n.mean[i*c : (i+1)*c], SS: n.ss[i*c : (i+1)*c]}
	}
	for i := range st.Sums {
		fill(b.Acc[i], negZero[T]())
	}
}

// close moves the accumulators to the node.
func (k *worker[T]) close(st *Stage[T], n *node) {
	b := &k.block
	for i := range st.Sums {
		sum := n.sum[i*b.Cols:][:b.Cols]
		for j, x := range b.Acc[i] {
			sum[j] = float64(x)
		}
	}
	for i := range st.Moments {
		n.n[i] = b.Moment[i].N
	}
}

func fill[T Float](x []T, v T) {
	for i := range x {
		x[i] = v
	}
}

// aim points the block's arrays at rows lo to hi.
func (k *worker[T]) aim(w *WorkOf[T], lo, hi int) {
	b := &k.block
	b.N = hi - lo
	for i, v := range w.in {
		b.In[i] = v.Slice(lo, hi)
	}
	for i, v := range w.out {
		b.Out[i] = v.Slice(lo, hi)
	}
	for i, m := range w.mask {
		b.Mask[i] = nil
		if m != nil {
			b.Mask[i] = m[lo:hi]
		}
	}
	for i, r := range w.row {
		b.Row[i] = r[lo:hi]
	}
	for i, g := range w.group {
		b.Group[i] = g[lo*w.frame.Groups : hi*w.frame.Groups]
	}
}

// divert makes the block write to scratch. An output that this sweep does not
// write stays -0 and adds nothing.
func (k *worker[T]) divert(w *WorkOf[T]) {
	b := &k.block
	for i := range w.out {
		b.Out[i] = k.scratch[i].Slice(0, b.N)
		fill(b.Out[i].Data, negZero[T]())
	}
}

// addOut adds the block's outputs to what the views hold.
func (k *worker[T]) addOut(w *WorkOf[T], lo int) {
	for i, v := range w.out {
		for r := range k.block.N {
			dst, src := v.Row(lo+r), k.block.Out[i].Row(r)
			for j, x := range src {
				dst[j] += x
			}
		}
	}
}
