package main

import (
	"fmt"

	"github.com/normgen/normgen/runtime"
)

// A rig is a layer with a problem to run.
type rig struct {
	problem
	schedule
	layer *runtime.LayerOf[float32]
	parts []*part
}

// A part is a shard of the batch, or all of it.
type part struct {
	work             *runtime.WorkOf[float32]
	first            int // row
	in, out, din, dx []*runtime.View
	masks            [][]bool
}

func (r *rig) run() error {
	fill(r.layer.Params(), r.Params)
	fill(r.layer.State(), r.States)
	if err := r.layer.SetStep(r.Step); err != nil {
		return err
	}
	if r.Mode == frozen {
		r.layer.SetMode(runtime.Frozen)
	}
	pool := runtime.NewGoroutines(r.workers)
	pool.ShareFrom(0)
	defer pool.Close()
	r.cut(pool)
	err := r.forward()
	if r.ForwardFails {
		return r.refused(err)
	}
	if err != nil {
		return fmt.Errorf("forward: %w", err)
	}
	if err := r.same("output", r.Out, func(p *part) []*runtime.View { return p.out }); err != nil || r.Mode == infer {
		return err
	}
	if err := r.backward(); err != nil {
		return fmt.Errorf("backward: %w", err)
	}
	if err := r.same("gradient of", r.DX, func(p *part) []*runtime.View { return p.dx }); err != nil {
		return err
	}
	return r.left()
}

// refused requires an error that came before anything changed.
func (r *rig) refused(err error) error {
	if err == nil {
		return fmt.Errorf("is not refused")
	}
	return sameAll("state", r.layer.State(), r.States)
}

// cut lays the problem out, in shards if the schedule wants them and the layer has
// rows of one axis.
func (r *rig) cut(pool runtime.Pool) {
	rows := 1
	for _, n := range r.Rows {
		rows *= n
	}
	cuts := []int{0, rows}
	if r.shards > 1 && r.Mode != infer && !r.Segmented && len(r.Rows) == 1 && rows > 64 && !r.ForwardFails {
		cuts = []int{0, 32, 64, rows}
	}
	for i := range len(cuts) - 1 {
		lo, hi := cuts[i], cuts[i+1]
		p := &part{work: r.layer.NewWork(hi - lo), first: lo}
		p.work.SetPool(pool)
		share := func(ts []tensor, filled bool) (out []*runtime.View) {
			for _, t := range ts {
				out = append(out, new(r.view(t, t.Rows*lo/max(rows, 1), t.Rows*hi/max(rows, 1), filled)))
			}
			return out
		}
		p.in, p.out = share(r.In, true), share(r.Out, false)
		p.din, p.dx = share(r.DIn, true), share(r.DX, false)
		for _, m := range r.Masks {
			if len(cuts) > 2 {
				m = m[lo:hi]
			}
			p.masks = append(p.masks, m)
		}
		r.parts = append(r.parts, p)
	}
}

// gap is what lies between the rows of views that are not dense.
const gap = 77.5

func (r *rig) view(t tensor, lo, hi int, filled bool) runtime.View {
	v := runtime.View{Data: make([]float32, (hi-lo)*(t.Cols+r.apart)), Rows: hi - lo, Cols: t.Cols, Stride: t.Cols + r.apart}
	for i := range v.Data {
		v.Data[i] = gap
	}
	for i := range v.Rows {
		if filled {
			copy(v.Row(i), t.Data[(lo+i)*t.Cols:])
		}
	}
	return v
}

// enter sets the arguments of a forward.
func (r *rig) enter(p *part) error {
	if len(r.parts) == 1 {
		if err := p.work.Shape(r.Rows...); err != nil && r.Segmented {
			return err // of other layers it is an error to shape them at all
		}
	}
	p.work.Of(r.layer)
	for i, m := range p.masks {
		p.work.Keep(i, m)
	}
	p.work.In(p.in...)
	p.work.Out(p.out...)
	return nil
}

func (r *rig) forward() error {
	for _, p := range r.parts {
		if err := r.enter(p); err != nil {
			return err
		}
		if len(r.parts) == 1 {
			break
		}
		if err := p.work.Shard(p.first); err != nil {
			return err
		}
		if err := p.work.StartForward(); err != nil {
			return err
		}
	}
	switch {
	case len(r.parts) > 1:
		return r.join()
	case r.Mode == infer:
		return r.parts[0].work.RunInfer()
	}
	return r.parts[0].work.RunForward()
}

func (r *rig) backward() error {
	for _, p := range r.parts {
		p.work.Of(r.layer)
		p.work.Cotangents(p.din...)
		p.work.Gradients(p.dx...)
		if len(r.parts) == 1 {
			return p.work.RunBackward(runtime.Overwrite)
		}
		if err := p.work.StartBackward(runtime.Overwrite); err != nil {
			return err
		}
	}
	return r.join()
}

// join sweeps all shards until nothing is left.
func (r *rig) join() error {
	var works []*runtime.WorkOf[float32]
	for _, p := range r.parts {
		works = append(works, p.work)
	}
	for !works[0].Done() {
		for _, w := range works {
			w.Sweep()
		}
		if err := runtime.Join(works...); err != nil {
			return err
		}
	}
	return nil
}

func fill(dst []runtime.Named, src [][]float32) {
	for i, d := range dst {
		copy(d.Data, src[i])
	}
}
