package asmgen

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/plan"
)

// A holding is the registers that hold columns: by parameter, a register for each
// vector.
type holding map[int][]reg.VecVirtual

// hold reads the columns that have registers.
func (w *walk) hold(vectors int, masked bool) holding {
	h := holding{}
	for _, k := range w.columns[:w.schedule.Held] {
		at := w.column(k)
		for v := range vectors {
			x := w.vector()
			w.read(w.offset(at, v), x, masked)
			h[k] = append(h[k], x)
		}
	}
	return h
}

// release writes the sums back.
func (w *walk) release(h holding, masked bool) {
	for _, k := range w.columns[:min(w.sums, w.schedule.Held)] {
		at := w.column(k)
		for v, x := range h[k] {
			w.write(x, w.offset(at, v), masked)
		}
	}
}

// column is where a slice of columns has the column that the walk is at.
func (w *walk) column(k int) operand.Mem {
	p := w.GP64()
	w.MOVQ(w.address(k), p)
	return operand.Mem{Base: p, Index: w.done, Scale: 1}
}

func (w *walk) offset(m operand.Mem, v int) operand.Mem {
	m.Disp = 4 * v * w.set.Lanes
	return m
}

// element computes vector v of row r, whose place in the matrices is given, adds to
// the sums and stores. All is read before anything is written, so that an output may
// be an input.
func (w *walk) element(h holding, v, r int, masked bool, place func(k int) operand.Mem) {
	x := w.newRow(r, v, masked)
	x.held = func(k int) (reg.VecVirtual, bool) {
		if v < len(h[k]) {
			return h[k][v], true
		}
		return nil, false
	}
	x.place = func(k int) operand.Mem {
		if w.loop.Params[k].Matrix {
			return place(k)
		}
		return w.offset(w.column(k), v)
	}
	x.roots()
	for _, k := range w.columns[:w.sums] {
		value := w.loop.Params[k].Value
		if acc, ok := x.held(k); ok {
			x.addTo(value, acc)
			continue
		}
		acc := w.vector()
		w.read(x.place(k), acc, masked)
		x.addTo(value, acc)
		w.write(acc, x.place(k), masked)
	}
	for k, p := range w.loop.Params {
		if p.Kind == plan.StoreParam {
			w.store(x.get(p.Value).VecVirtual, place(k), masked)
		}
	}
}
