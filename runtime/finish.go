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
	w.ready = w.phase == forward || !w.spoils
}

func (w *WorkOf[T]) storeGrad(r Result) {
	g, x, isa := w.layer.grad[r.Index], w.frame.result(r), w.layer.program.isa
	if w.add {
		addNarrow(isa, g, x)
	} else {
		narrow(isa, g, x)
	}
}

// result returns the values of a result of columns.
func (f *Frame[T]) result(r Result) []float64 {
	switch r.Rank {
	case SumResult:
		return f.Sum[r.Slot]
	case MeanResult:
		return f.Mean[r.Slot]
	}
	return f.Wide[r.Slot]
}

// waits reports whether the updates of a phase wait for Commit.
func (w *WorkOf[T]) waits(p phase) bool { return w.lead.pending[p] && w.lead.pass == w.joined }

// drop gives up the updates of a phase, or notes that they are committed.
func (w *WorkOf[T]) drop(p phase) {
	if w.waits(p) {
		w.lead.pending[p] = false
	}
}
