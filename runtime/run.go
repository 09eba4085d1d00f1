package runtime

import "fmt"

// In sets the inputs of the pass that Start begins; generated methods call it.
func (w *WorkOf[T]) In(views ...ViewOf[T]) { w.in = append(w.in[:0], views...) }

// Out sets its outputs.
func (w *WorkOf[T]) Out(views ...ViewOf[T]) { w.out = append(w.out[:0], views...) }

// Keep sets mask i, in declared order; nil keeps everything.
func (w *WorkOf[T]) Keep(i int, keep []bool) { w.mask[i] = keep }

// StartForward checks the arguments and begins a forward pass of one shard. It
// panics on views that do not fit or overlap.
func (w *WorkOf[T]) StartForward() error {
	if err := w.checkForward(); err != nil {
		return err
	}
	w.beginForward()
	return nil
}

// RunForward runs the forward pass of a whole batch.
func (w *WorkOf[T]) RunForward() error {
	if err := w.checkForward(); err != nil {
		return err
	}
	if err := w.checkCounts(w.layer.mode); err != nil {
		return err
	}
	w.firstBlock = 0
	w.beginForward()
	w.runAll()
	return nil
}

// checkForward takes the arguments of a forward pass. What the pass before
// saved is lost from here on, but not its pending updates.
func (w *WorkOf[T]) checkForward() error {
	l := w.layer
	w.ready, w.kernel = false, nil
	rows := w.checkViews(l.spec.Inputs, l.spec.Outputs)
	checkApart(w.in, w.out, l.spec.Inputs, l.spec.Outputs, false)
	copy(w.inputs[copy(w.inputs, w.in):], w.out)
	if err := w.setMasks(rows); err != nil {
		return err
	}
	return nil
}

// checkCounts refuses statistics that a training step could not store.
func (w *WorkOf[T]) checkCounts(m Mode) error {
	if m != Train {
		return nil
	}
	for _, s := range w.layer.spec.Stats {
		if s.Unbiased && w.raw[s.Mask] == 1 {
			return fmt.Errorf("%s: the unbiased %s needs more than one row, and has one", w.layer.spec.Name, s.Name)
		}
	}
	return nil
}

func (w *WorkOf[T]) beginForward() {
	w.frame.Rows, w.mode = w.in[0].Rows, w.layer.mode
	w.readState()
	w.variant = w.choose()
	w.pending, w.lead, w.batch, w.shards = [2]bool{}, w, w, 1
	w.pass++
	w.joined = w.pass
	for i := range w.stats {
		w.stats[i].count = 0
	}
	w.add = false
	w.begin(&w.variants()[w.variant].Forward, forward)
}

// readState notes the state values that the pass works with.
func (w *WorkOf[T]) readState() {
	w.frame.Step = w.layer.step
	for i, s := range w.layer.state {
		copy(w.frame.State[i], s)
	}
}

// variants lists the kernels of the pass's mode.
func (w *WorkOf[T]) variants() []Variant[T] {
	s := w.layer.spec
	if w.mode == Frozen && s.Frozen != nil {
		return s.Frozen
	}
	return s.Train
}

// choose returns the first variant whose conditions hold.
func (w *WorkOf[T]) choose() int {
	for _, masked := range []bool{w.masked(), false} {
		for i, v := range w.variants() {
			if v.Masked == masked && (v.When == nil || v.When(w.frame.Knob, w.frame.Step)) {
				return i
			}
		}
	}
	panic("runtime: " + w.layer.spec.Name + ": no variant; the generated package is incomplete")
}

// StartBackward begins the backward of the last forward of w.
func (w *WorkOf[T]) StartBackward(mode GradMode) error {
	s := w.layer.spec
	if !w.ready {
		return fmt.Errorf("%s: Backward without a Forward of the same work, or its input was overwritten", s.Name)
	}
	rows := w.checkViews(s.Outputs, s.gradNames())
	if rows != w.frame.Rows {
		panic(fmt.Sprintf("runtime: %s: backward of %d rows after a forward of %d", s.Name, rows, w.frame.Rows))
	}
	k := &w.variants()[w.variant].Backward
	checkApart(w.in, w.out, s.Outputs, s.gradNames(), !k.Apart)
	checkApart(w.inputs, w.out, w.kept, s.gradNames(), !k.Apart)
	w.in = append(w.in, w.inputs...)
	w.add = mode == Accumulate
	w.drop(backward)
	w.begin(k, backward)
	return nil
}

// RunBackward runs a whole backward pass.
func (w *WorkOf[T]) RunBackward(mode GradMode) error {
	if w.shards > 1 {
		return fmt.Errorf("%s: Backward of one of %d shards: use StartBackward, Sweep and Join", w.layer.spec.Name, w.shards)
	}
	if err := w.StartBackward(mode); err != nil {
		return err
	}
	w.runAll()
	return nil
}

// RunInfer runs the inference kernel: eval's forward, with no statistics and
// nothing saved.
func (w *WorkOf[T]) RunInfer() error {
	s := w.layer.spec
	w.ready, w.kernel = false, nil
	w.frame.Rows = w.checkViews(s.Inputs, s.Outputs)
	checkApart(w.in, w.out, s.Inputs, s.Outputs, !s.Infer.Apart)
	clear(w.mask)
	for i := range w.raw {
		w.raw[i] = float64(w.frame.Rows)
	}
	w.readState()
	w.mode, w.add = Frozen, false
	w.begin(&s.Infer, forward)
	w.runAll()
	w.ready = false
	return nil
}

func (w *WorkOf[T]) begin(k *Kernel[T], p phase) {
	w.kernel, w.phase, w.stage, w.swept = k, p, 0, false
	w.setCounts()
	w.columns()
}

func (w *WorkOf[T]) setCounts() {
	for i, n := range w.raw {
		w.frame.Count[i] = max(1, n)
	}
}

// columns runs the column step that comes before the next sweep.
func (w *WorkOf[T]) columns() {
	if w.Done() {
		return
	}
	if f := w.kernel.Stages[w.stage].Columns; f != nil {
		f(&w.frame)
	}
}

// runAll runs the sweeps of a pass that has one shard.
func (w *WorkOf[T]) runAll() {
	for !w.Done() {
		w.Sweep()
		w.advance(w.workers[0].tree.root())
	}
	w.finish()
}

// Done reports whether all sweeps of the pass have been joined.
func (w *WorkOf[T]) Done() bool { return w.kernel == nil || w.stage == len(w.kernel.Stages) }

// Sweep runs the next sweep over the rows of w. It panics if there is none, or
// if the one before was not joined.
func (w *WorkOf[T]) Sweep() {
	if w.Done() || w.swept {
		panic("runtime: " + w.layer.spec.Name + ": Sweep without a Start or a Join before it")
	}
	n := w.sharers()
	w.pool.Run(n, w.run)
	for i := 1; i < n; i++ {
		w.workers[0].tree.absorb(&w.workers[i].tree)
	}
	w.swept = true
}

// sharers returns the number of workers that share the blocks of a sweep.
func (w *WorkOf[T]) sharers() int { return max(1, min(len(w.workers), blocks(w.frame.Rows))) }

// advance takes the finished reductions of the stage, zeros if there were no
// rows, and prepares the next.
func (w *WorkOf[T]) advance(n *node) {
	st, f, c := &w.kernel.Stages[w.stage], &w.frame, w.frame.Cols
	if n == nil {
		n = &node{}
	}
	for i, slot := range st.Sums {
		take(f.Sum[slot], n.sum, i*c)
	}
	for i, m := range st.Moments {
		take(f.Mean[m.Slot], n.mean, i*c)
		take(f.SS[m.Slot], n.ss, i*c)
	}
	w.stage++
	w.swept = false
	w.columns()
}

func take(dst, src []float64, from int) {
	if src == nil {
		clear(dst)
		return
	}
	copy(dst, src[from:])
}
