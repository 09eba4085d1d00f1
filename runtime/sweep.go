package runtime

// Done reports whether all sweeps of the pass have been joined.
func (w *WorkOf[T]) Done() bool { return w.kernel == nil || w.at == len(w.groups) }

// Sweep runs the next sweep over the rows of w, with those that are linked to
// it. It panics if there is none, or if the one before was not joined.
func (w *WorkOf[T]) Sweep() {
	if w.Done() || w.swept {
		panic("runtime: " + w.layer.spec.Name + ": Sweep without a Start or a Join before it")
	}
	if w.sharing = w.sharers(); w.sharing == 1 {
		w.runWorker(0)
	} else {
		w.pool.Run(w.sharing, w.run)
		for i := 1; i < w.sharing; i++ {
			w.workers[0].absorb(&w.workers[i])
		}
	}
	w.swept = true
}

// sharers returns the number of workers that share the next sweep.
func (w *WorkOf[T]) sharers() int {
	if len(w.workers) == 1 || w.sizer != nil && !w.sizer.Worth(w.frame.Rows*w.layer.cols) {
		return 1
	}
	return max(1, min(len(w.workers), w.shares(w.frame.Rows, w.segments.count)))
}

// runAll runs the sweeps of a pass that has one shard.
func (w *WorkOf[T]) runAll() {
	for !w.Done() {
		w.Sweep()
		w.advance(&w.workers[0])
	}
}

// advance takes what k has of the group's reductions over the batch, and
// prepares the next group.
func (w *WorkOf[T]) advance(k *worker[T]) {
	f, g := &w.frame, w.groups[w.at]
	for i := range g {
		for _, s := range [...]Scope{OverRows, OverSegments} {
			if !g[i].layouts[s].empty() {
				g[i].take(s, k.trees[i][s].root(), f.Sum, f.Mean, f.SS)
			}
		}
	}
	w.at++
	w.swept = false
	w.columns()
}

// columns runs the column step that comes before the next sweep.
func (w *WorkOf[T]) columns() {
	if w.Done() {
		return
	}
	if f := w.groups[w.at][0].columns; f != nil {
		f(&w.frame)
	}
}

// take copies the reductions of a scope from n, zeros if n is nil.
func (st *stage[T]) take(scope Scope, n *node, sum, mean, ss [][]float64) {
	if n == nil {
		n = &nothing
	}
	for i, s := range st.Sums {
		if s.Scope == scope {
			take(sum[s.Slot], n.sum, st.sums[i])
		}
	}
	for i, m := range st.Moments {
		if m.Scope == scope {
			take(mean[m.Slot], n.mean, st.moments[i])
			take(ss[m.Slot], n.ss, st.moments[i])
		}
	}
}

// nothing is the node of no blocks.
var nothing node

func take(dst, src []float64, p place) {
	if src == nil {
		clearAll(dst)
		return
	}
	copyAll(dst, src[p.from:p.to])
}
