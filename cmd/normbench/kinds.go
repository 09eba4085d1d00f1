package main

import "github.com/normgen/normgen/runtime"

// The functions below make subjects of the kinds of layers there are: by the
// tensors that their methods take.

// ofRows is for one input and one output.
func ofRows(l runtime.Norm, rows int, m *memory) (*subject, error) {
	b, err := lay(l, rows, m)
	x, dy, y, dx := b.whole(b.x), b.whole(b.dy), b.whole(b.y), b.whole(b.dx)
	b.passes = map[op]pass{
		forward:  {run: func() error { return l.Forward(b.w, y, x, nil) }, in: arrays{b.x}, out: arrays{b.y}},
		backward: {run: func() error { return l.Backward(b.w, dx, dy, runtime.Overwrite) }, in: arrays{b.x, b.dy}, out: arrays{b.dx}},
		infer:    {run: func() error { return l.Infer(y, x) }, in: arrays{b.x}, out: arrays{b.y}, serial: true},
	}
	return b.subject, err
}

// A segmentedNorm has statistics of each sample.
type segmentedNorm interface {
	layer
	Forward(w *runtime.Work, y, x runtime.View, keep []bool) error
	Backward(w *runtime.Work, dx, dy runtime.View, mode runtime.GradMode) error
	InferWith(w *runtime.Work, y, x runtime.View) error
}

func ofSegments(l segmentedNorm, samples, places int, m *memory) (*subject, error) {
	b, err := laySamples(l, samples, places, m)
	x, dy, y, dx := b.whole(b.x), b.whole(b.dy), b.whole(b.y), b.whole(b.dx)
	b.passes = map[op]pass{
		forward:  {run: func() error { return l.Forward(b.w, y, x, nil) }, in: arrays{b.x}, out: arrays{b.y}},
		backward: {run: func() error { return l.Backward(b.w, dx, dy, runtime.Overwrite) }, in: arrays{b.x, b.dy}, out: arrays{b.dx}},
		infer:    {run: func() error { return l.InferWith(b.w, y, x) }, in: arrays{b.x}, out: arrays{b.y}},
	}
	return b.subject, err
}

// A residualNorm normalizes the sum of two inputs and hands the sum on. Its
// backward reads the sum, not the inputs.
type residualNorm interface {
	layer
	Forward(w *runtime.Work, y, hout, x, residual runtime.View, keep []bool) error
	Backward(w *runtime.Work, dx, dy, dhout runtime.View, mode runtime.GradMode) error
	Infer(y, hout, x, residual runtime.View) error
}

func ofResidual(l residualNorm, rows int, m *memory) (*subject, error) {
	b, err := lay(l, rows, m)
	x, dy, y, dx := b.whole(b.x), b.whole(b.dy), b.whole(b.y), b.whole(b.dx)
	residual, r := b.tensor("residual")
	hout, h := b.tensor("hout")
	dhout, dh := b.tensor("dhout")
	in, out := arrays{b.x, residual}, arrays{b.y, hout}
	b.passes = map[op]pass{
		forward: {run: func() error { return l.Forward(b.w, y, h, x, r, nil) }, in: in, out: out},
		backward: {run: func() error { return l.Backward(b.w, dx, dy, dh, runtime.Overwrite) },
			in: arrays{hout, b.dy, dhout}, out: arrays{b.dx}},
		infer: {run: func() error { return l.Infer(y, h, x, r) }, in: in, out: out, serial: true},
	}
	return b.subject, err
}

// A modulatedNorm takes the shift and scale of each sample as inputs.
type modulatedNorm interface {
	layer
	Forward(w *runtime.Work, y, x, shifts, scales runtime.View, keep []bool) error
	Backward(w *runtime.Work, dx, dshifts, dscales, dy runtime.View, mode runtime.GradMode) error
	InferWith(w *runtime.Work, y, x, shifts, scales runtime.View) error
}

func ofModulated(l modulatedNorm, samples, places int, m *memory) (*subject, error) {
	b, err := laySamples(l, samples, places, m)
	x, dy, y, dx := b.whole(b.x), b.whole(b.dy), b.whole(b.y), b.whole(b.dx)
	shifts, scales := b.ofSample("shifts"), b.ofSample("scales")
	dshifts, dscales := b.ofSample("dshifts"), b.ofSample("dscales")
	b.passes = map[op]pass{
		forward: {run: func() error { return l.Forward(b.w, y, x, shifts, scales, nil) }, in: arrays{b.x}, out: arrays{b.y}},
		backward: {run: func() error { return l.Backward(b.w, dx, dshifts, dscales, dy, runtime.Overwrite) },
			in: arrays{b.x, b.dy}, out: arrays{b.dx}},
		infer: {run: func() error { return l.InferWith(b.w, y, x, shifts, scales) }, in: arrays{b.x}, out: arrays{b.y}},
	}
	return b.subject, err
}

// A gatedNorm also takes a gate, and adds its result to a residual.
type gatedNorm interface {
	layer
	Forward(w *runtime.Work, y, x, residual, shifts, scales, gates runtime.View, keep []bool) error
	Backward(w *runtime.Work, dx, dresidual, dshifts, dscales, dgates, dy runtime.View, mode runtime.GradMode) error
	InferWith(w *runtime.Work, y, x, residual, shifts, scales, gates runtime.View) error
}

func ofGated(l gatedNorm, samples, places int, m *memory) (*subject, error) {
	b, err := laySamples(l, samples, places, m)
	x, dy, y, dx := b.whole(b.x), b.whole(b.dy), b.whole(b.y), b.whole(b.dx)
	residual, r := b.tensor("residual")
	dresidual, dr := b.tensor("dresidual")
	shifts, scales, gates := b.ofSample("shifts"), b.ofSample("scales"), b.ofSample("gates")
	dshifts, dscales, dgates := b.ofSample("dshifts"), b.ofSample("dscales"), b.ofSample("dgates")
	in := arrays{b.x, residual}
	b.passes = map[op]pass{
		forward: {run: func() error { return l.Forward(b.w, y, x, r, shifts, scales, gates, nil) }, in: in, out: arrays{b.y}},
		backward: {run: func() error { return l.Backward(b.w, dx, dr, dshifts, dscales, dgates, dy, runtime.Overwrite) },
			in: arrays{b.x, b.dy}, out: arrays{b.dx, dresidual}},
		infer: {run: func() error { return l.InferWith(b.w, y, x, r, shifts, scales, gates) }, in: in, out: arrays{b.y}},
	}
	return b.subject, err
}
