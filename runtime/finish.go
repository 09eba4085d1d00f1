package runtime

// finish runs the last column step and stores gradients and statistics.
func (w *WorkOf[T]) finish() {
	k := w.kernel
	w.kernel = nil
	if k.finish != nil {
		k.finish(&w.frame)
	}
	if w.lead == w {
		for _, r := range k.Grads {
			w.storeGrad(r)
		}
		w.pending[w.phase] = w.mode == Train
	}
	for _, r := range k.Stats {
		w.storeStat(r)
	}
	w.ready = w.phase == forward || !w.overwritten()
}

func (w *WorkOf[T]) storeGrad(r Result) {
	g, x, isa := w.layer.grad[r.Index], w.frame.Wide[r.Slot], w.layer.program.isa
	if w.add {
		addNarrow(isa, g, x)
	} else {
		narrow(isa, g, x)
	}
}

// overwritten reports whether the backward wrote over an input.
func (w *WorkOf[T]) overwritten() bool {
	for i := range w.out {
		for j := range w.inputs {
			if w.out[i].overlaps(&w.inputs[j]) {
				return true
			}
		}
	}
	return false
}

// waits reports whether the updates of a phase wait for Commit.
func (w *WorkOf[T]) waits(p phase) bool { return w.lead.pending[p] && w.lead.pass == w.joined }

// drop gives up the updates of a phase, or notes that they are committed.
func (w *WorkOf[T]) drop(p phase) {
	if w.waits(p) {
		w.lead.pending[p] = false
	}
}
