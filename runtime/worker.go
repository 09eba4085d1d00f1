package runtime

// A worker runs the sweep of a range of blocks.
type worker[T Float] struct {
	block   Block[T]
	tree    tree
	scratch [][]T // rows of outputs that are added to
	in, out []ViewOf[T]
	mask    [][]bool
	row     [][]T
	group   [][]T
}

func (k *worker[T]) size(w *WorkOf[T]) {
	s, c := w.layer.spec, w.layer.cols
	sc := s.Scratch
	b := &k.block
	b.Frame = &w.frame
	b.Acc, b.Temp = arrays[T](sc.Acc, c), arrays[T](sc.Temp, c)
	b.Drop, b.shift, b.s1, b.s2 = make([]T, c), make([]T, c), make([]T, c), make([]T, c)
	b.rows = make([]int, 0, BlockRows)
	for range sc.Panel {
		b.Panel = append(b.Panel, ViewOf[T]{make([]T, BlockRows*c), BlockRows, c, c})
	}
	b.Moment = make([]BlockMoments, sc.Moment)
	k.tree.size(sc.Acc, sc.Moment, c, w.maxRows/BlockRows+1)
	k.scratch = arrays[T](len(s.Inputs), BlockRows*c)
	tensors := len(s.Inputs) + len(s.Outputs)
	b.In, b.Out = make([]ViewOf[T], tensors), make([]ViewOf[T], tensors)
	b.Mask = make([][]bool, len(s.Masks))
	b.Row, b.Group = make([][]T, s.Arrays.Row), make([][]T, s.Arrays.Group)
}

// runWorker sweeps worker i's share of the blocks.
func (w *WorkOf[T]) runWorker(i int) {
	st := &w.kernel.Stages[w.stage]
	blocks := (w.frame.Rows + BlockRows - 1) / BlockRows
	n := max(1, min(len(w.workers), blocks))
	k := &w.workers[i]
	k.tree.reset(len(st.Sums), len(st.Moments), w.frame.Cols)
	for b := blocks * i / n; b < blocks*(i+1)/n; b++ {
		k.sweep(w, st, b)
	}
}

// sweep runs one block and hands its column reductions to the tree.
func (k *worker[T]) sweep(w *WorkOf[T], st *Stage[T], index int) {
	lo := index * BlockRows
	hi := min(lo+BlockRows, w.frame.Rows)
	k.aim(w, lo, hi)
	b := &k.block
	n := k.tree.leaf(w.firstBlock + index)
	for i, m := range st.Moments {
		c := w.frame.Cols
		b.Moment[i] = BlockMoments{Mask: m.Mask, Mean: n.mean[i*c : (i+1)*c], SS: n.ss[i*c : (i+1)*c]}
	}
	for i := range st.Sums {
		fill(b.Acc[i], negZero[T]())
	}
	st.Sweep(b)
	for i := range st.Sums {
		sum := n.sum[i*w.frame.Cols:][:w.frame.Cols]
		for j, x := range b.Acc[i] {
			sum[j] = float64(x)
		}
	}
	for i := range st.Moments {
		n.n[i] = b.Moment[i].N
	}
	k.tree.settle()
	if w.add {
		k.addOut(w, lo, hi)
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
		if w.add {
			b.Out[i] = ViewOf[T]{k.scratch[i], hi - lo, v.Cols, v.Cols}
		}
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

// addOut adds the block's outputs to what the views hold.
func (k *worker[T]) addOut(w *WorkOf[T], lo, hi int) {
	for i, v := range w.out {
		for r := lo; r < hi; r++ {
			dst, src := v.Row(r), k.block.Out[i].Row(r-lo)
			for j, x := range src {
				dst[j] += x
			}
		}
	}
}
