package runtime

import "fmt"

// In sets the inputs of the pass that Start begins; generated methods call it.
func (w *WorkOf[T]) In(views ...ViewOf[T]) { w.in = append(w.in[:0], views...) }

// Out sets its outputs.
func (w *WorkOf[T]) Out(views ...ViewOf[T]) { w.out = append(w.out[:0], views...) }

// Keep sets mask i, in declared order; nil keeps everything.
func (w *WorkOf[T]) Keep(i int, keep []bool) { w.mask[i] = keep }

// StartForward checks the arguments and begins a forward pass. It panics on
// views that do not fit or overlap.
func (w *WorkOf[T]) StartForward() error {
	l := w.layer
	w.mode = l.mode
	rows := w.checkViews(w.in, w.out, l.spec.Inputs, l.spec.Outputs)
	checkApart(w.in, w.out, l.spec.Inputs, l.spec.Outputs, false)
	copy(w.inputs, w.in)
	if err := w.setMasks(rows); err != nil {
		return err
	}
	w.frame.Rows, w.frame.Step = rows, l.step
	for i, s := range l.state {
		copy(w.frame.State[i], s)
	}
	w.variant = w.choose()
	w.ready, w.add = false, false
	w.begin(&w.variant.Forward, false)
	return nil
}

// StartBackward begins the backward of the last forward of w.
func (w *WorkOf[T]) StartBackward(mode GradMode) error {
	s := w.layer.spec
	if !w.ready {
		return fmt.Errorf("%s: Backward without a Forward of the same work", s.Name)
	}
	rows := w.checkViews(w.in, w.out, s.Outputs, s.Inputs)
	if rows != w.frame.Rows {
		panic(fmt.Sprintf("runtime: %s: backward of %d rows after a forward of %d", s.Name, rows, w.frame.Rows))
	}
	checkApart(w.in, w.out, s.Outputs, s.Inputs, true)
	checkApart(w.inputs, w.out, s.Inputs, s.Inputs, true)
	w.in = append(w.in, w.inputs...)
	w.add = mode == Accumulate
	w.begin(&w.variant.Backward, true)
	return nil
}

// choose returns the first variant whose conditions hold.
func (w *WorkOf[T]) choose() *Variant[T] {
	s := w.layer.spec
	variants := s.Train
	if w.mode == Frozen && s.Frozen != nil {
		variants = s.Frozen
	}
	masked := false
	for _, m := range w.mask {
		masked = masked || m != nil
	}
	for i := range variants {
		v := &variants[i]
		if v.Masked == masked && (v.When == nil || v.When(w.frame.Knob, w.frame.Step)) {
			return v
		}
	}
	panic("runtime: " + s.Name + ": no variant; the generated package is incomplete")
}

func (w *WorkOf[T]) begin(k *Kernel[T], backward bool) {
	w.kernel, w.backward, w.stage = k, backward, 0
	for i, n := range w.raw {
		w.frame.Count[i] = max(1, n)
	}
	if !w.Done() {
		w.columns()
	}
}

func (w *WorkOf[T]) columns() {
	if f := w.kernel.Stages[w.stage].Columns; f != nil {
		f(&w.frame)
	}
}

// Done reports whether all sweeps of the pass have been joined.
func (w *WorkOf[T]) Done() bool { return w.stage == len(w.kernel.Stages) }

// Sweep runs the next sweep over the rows of w.
func (w *WorkOf[T]) Sweep() {
	blocks := (w.frame.Rows + BlockRows - 1) / BlockRows
	n := max(1, min(len(w.workers), blocks))
	w.pool.Run(n, w.run)
	for i := 1; i < n; i++ {
		w.workers[0].tree.absorb(&w.workers[i].tree)
	}
}

// Join joins the sweeps of the shards of one batch, in row order, and moves all
// of them on. After the last sweep it leaves statistics in every work and the
// gradients in every layer.
func Join[T Float](works ...*WorkOf[T]) error {
	first := works[0]
	t := &first.workers[0].tree
	for _, w := range works[1:] {
		t.absorb(&w.workers[0].tree)
	}
	if first.stage == 0 {
		joinCounts(works)
		if err := first.checkCounts(); err != nil {
			return err
		}
	}
	t.root()
	for i, w := range works {
		w.advance(t)
		if w.Done() {
			w.finish(i == 0 || w.layer != first.layer)
		}
	}
	return nil
}

// joinCounts gives every shard the counts of the whole batch.
func joinCounts[T Float](works []*WorkOf[T]) {
	for c := range works[0].raw {
		n := 0.0
		for _, w := range works {
			n += w.raw[c]
		}
		for _, w := range works {
			w.raw[c], w.frame.Count[c] = n, max(1, n)
		}
	}
}

// checkCounts refuses statistics that a training step could not store.
func (w *WorkOf[T]) checkCounts() error {
	if w.mode != Train || w.backward {
		return nil
	}
	for _, s := range w.layer.spec.Stats {
		if s.Unbiased && w.raw[s.Mask] == 1 {
			return fmt.Errorf("%s: the unbiased %s needs more than one row, and has one", w.layer.spec.Name, s.Name)
		}
	}
	return nil
}

// advance takes the finished reductions of the stage from t, and prepares the
// next.
func (w *WorkOf[T]) advance(t *tree) {
	st := &w.kernel.Stages[w.stage]
	f, c := &w.frame, w.frame.Cols
	n := t.root()
	for i, slot := range st.Sums {
		take(f.Sum[slot], n, i, c, func(n *node) []float64 { return n.sum })
	}
	for i, m := range st.Moments {
		take(f.Mean[m.Slot], n, i, c, func(n *node) []float64 { return n.mean })
		take(f.SS[m.Slot], n, i, c, func(n *node) []float64 { return n.ss })
	}
	w.stage++
	if !w.Done() {
		w.columns()
	}
}

// take copies vector i of a node; zeros if there were no rows.
func take(dst []float64, n *node, i, cols int, field func(*node) []float64) {
	if n == nil {
		clear(dst)
		return
	}
	copy(dst, field(n)[i*cols:(i+1)*cols])
}

// finish runs the last column step and stores gradients and statistics.
func (w *WorkOf[T]) finish(grads bool) {
	k := w.kernel
	if k.Finish != nil {
		k.Finish(&w.frame)
	}
	for _, r := range k.Grads {
		if grads {
			w.storeGrad(r)
		}
	}
	for _, r := range k.Stats {
		st := &w.stats[r.Index]
		st.count = w.raw[w.layer.spec.Stats[r.Index].Mask]
		if r.Rank == ColResult {
			copy(st.values, w.frame.Wide[r.Slot])
		}
	}
	w.ready = true
	if w.mode == Train {
		w.pending[w.phase()] = true
	}
}

func (w *WorkOf[T]) phase() int {
	if w.backward {
		return 1
	}
	return 0
}

func (w *WorkOf[T]) storeGrad(r Result) {
	g, x := w.layer.grad[r.Index], w.frame.Wide[r.Slot]
	for j := range g {
		if w.add {
			g[j] += T(x[j])
		} else {
			g[j] = T(x[j])
		}
	}
}

// RunInfer runs the inference kernel: eval's forward, with no statistics and
// nothing saved. The outputs may be the inputs.
func (w *WorkOf[T]) RunInfer() error {
	s := w.layer.spec
	w.frame.Rows = w.checkViews(w.in, w.out, s.Inputs, s.Outputs)
	checkApart(w.in, w.out, s.Inputs, s.Outputs, true)
	w.frame.Step = w.layer.step
	for i, st := range w.layer.state {
		copy(w.frame.State[i], st)
	}
	clear(w.mask)
	for i := range w.raw {
		w.raw[i] = float64(w.frame.Rows)
	}
	w.ready, w.add, w.backward, w.mode = false, false, false, Frozen
	w.begin(&s.Infer, false)
	return w.runAll()
}

// RunForward runs a whole forward pass.
func (w *WorkOf[T]) RunForward() error {
	if err := w.StartForward(); err != nil {
		return err
	}
	if err := w.checkCounts(); err != nil {
		return err
	}
	return w.runAll()
}

// RunBackward runs a whole backward pass.
func (w *WorkOf[T]) RunBackward(mode GradMode) error {
	if err := w.StartBackward(mode); err != nil {
		return err
	}
	return w.runAll()
}

// runAll runs the sweeps of a pass that has one shard.
func (w *WorkOf[T]) runAll() error {
	for !w.Done() {
		w.Sweep()
		w.advance(&w.workers[0].tree)
	}
	w.finish(true)
	return nil
}
