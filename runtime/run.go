package runtime

import "fmt"

// In sets the inputs of the forward or inference that follows; generated methods call
// it. A backward reads them again.
func (w *WorkOf[T]) In(views ...*ViewOf[T]) { setViews(w.inputs, views) }

// Out sets its outputs.
func (w *WorkOf[T]) Out(views ...*ViewOf[T]) { setViews(w.outputs, views) }

// Cotangents sets the gradients of the outputs for the backward that follows.
func (w *WorkOf[T]) Cotangents(views ...*ViewOf[T]) { setViews(w.cotangents, views) }

// Gradients sets where it writes those of the inputs.
func (w *WorkOf[T]) Gradients(views ...*ViewOf[T]) { setViews(w.gradients, views) }

// Keep sets mask i, in declared order; nil keeps everything.
func (w *WorkOf[T]) Keep(i int, keep []bool) { w.mask[i] = keep }

// StartForward checks the arguments and begins a forward pass of one shard. It
// panics on views that do not fit or overlap.
func (w *WorkOf[T]) StartForward() error {
	if err := w.checkForward(); err != nil {
		return err
	}
	if err := w.checkFirst(w.firstRow); err != nil {
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
	w.firstRow = 0
	w.beginForward()
	w.runAll()
	w.finish()
	return nil
}

// checkForward takes the arguments of a forward pass. What the pass before
// saved is lost from here on, but not its pending updates.
func (w *WorkOf[T]) checkForward() error {
	s := w.layer.spec
	w.ready, w.kernel = false, nil
	w.in, w.out = w.inputs, w.outputs
	rows, err := w.checkViews(s.Inputs, s.Outputs)
	if err != nil {
		return err
	}
	checkApart(w.in, w.out, s.Inputs, s.Outputs, false)
	w.setRows(rows)
	return w.setMasks(rows)
}

func (w *WorkOf[T]) setRows(rows int) {
	w.frame.Rows, w.frame.SegmentRows = rows, max(1, float64(rows))
	if w.segmented() {
		w.frame.SegmentRows = max(1, float64(w.segments.rows))
	}
}

func (w *WorkOf[T]) beginForward() {
	w.mode = w.layer.mode
	w.readState()
	variants := w.variants()
	w.variant = w.choose(variants)
	w.pending, w.lead, w.batch, w.shards = [2]bool{}, w, w, 1
	w.pass++
	w.joined = w.pass
	for i := range w.stats {
		w.stats[i].count = 0
	}
	w.add = false
	w.begin(&variants[w.variant].kernels[forward], forward)
}

// readState notes the state values that the pass works with.
func (w *WorkOf[T]) readState() {
	w.frame.Step = w.layer.step
	for i, s := range w.layer.state {
		copyAll(w.frame.State[i], s)
	}
}

// variants lists the kernels of the pass's mode.
func (w *WorkOf[T]) variants() []variant[T] {
	if w.mode == Frozen {
		return w.layer.program.frozen
	}
	return w.layer.program.train
}

// choose returns the first variant whose conditions hold.
func (w *WorkOf[T]) choose(variants []variant[T]) int {
	if w.masked() {
		if i := w.first(variants, true); i >= 0 {
			return i
		}
	}
	if i := w.first(variants, false); i >= 0 {
		return i
	}
	panic("runtime: " + w.layer.spec.Name + ": no variant; the generated package is incomplete")
}

func (w *WorkOf[T]) first(variants []variant[T], masked bool) int {
	for i := range variants {
		v := &variants[i]
		if v.masked == masked && (v.when == nil || v.when(w.frame.Knob, w.frame.Step)) {
			return i
		}
	}
	return -1
}

// StartBackward begins the backward of the last forward of w.
func (w *WorkOf[T]) StartBackward(mode GradMode) error {
	s, p := w.layer.spec, &w.layer.program
	if !w.ready {
		return fmt.Errorf("%s: Backward without a Forward of the same work, or its input was overwritten", s.Name)
	}
	grads := p.tensors[backward].out
	w.in, w.out = w.cotangents, w.gradients
	rows, err := w.checkViews(s.Outputs, grads)
	if err != nil {
		return err
	}
	if rows != w.frame.Rows {
		panic(fmt.Sprintf("runtime: %s: backward of %d rows after a forward of %d", s.Name, rows, w.frame.Rows))
	}
	k := &w.variants()[w.variant].kernels[backward]
	checkApart(w.in, w.out, s.Outputs, grads, !k.Apart)
	w.in = w.tensors[:len(p.tensors[backward].in)]
	w.spoils = checkApart(w.in[len(w.cotangents):], w.out, p.kept, grads, !k.Apart)
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
	w.finish()
	return nil
}

// RunInfer runs the inference kernel: eval's forward, with no statistics and
// nothing saved. It keeps the Shape of w and the updates that wait for Commit.
func (w *WorkOf[T]) RunInfer() error {
	s := w.layer.spec
	w.forget()
	w.in, w.out = w.inputs, w.outputs
	rows, err := w.checkViews(s.Inputs, s.Outputs)
	if err != nil {
		return err
	}
	clear(w.mask)
	w.readState()
	infer := w.layer.program.infer
	k := &infer[w.choose(infer)].kernels[forward]
	checkApart(w.in, w.out, s.Inputs, s.Outputs, !k.Apart)
	w.setRows(rows)
	for i := range w.raw {
		w.setCount(i, float64(rows))
	}
	if err := w.checkRequires(Frozen); err != nil {
		return err
	}
	w.mode, w.add, w.firstRow = Frozen, false, 0
	w.begin(k, forward)
	w.runAll()
	w.kernel = nil
	return nil
}

func (w *WorkOf[T]) begin(k *kernel[T], p phase) {
	w.kernel, w.groups, w.phase, w.at, w.swept = k, k.groups, p, 0, false
	w.frame.Near, w.frame.Stream = w.place()
	w.columns()
}

// setCount notes how many rows mask i-1 keeps, of all rows for 0.
func (w *WorkOf[T]) setCount(i int, n float64) {
	w.raw[i], w.frame.Count[i] = n, max(1, n)
}
