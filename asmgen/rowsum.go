package asmgen

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A rowSum adds a value of the elements of each row in flight, or how far it is
// from the row's shift, and the squares of that.
type rowSum struct {
	of     *ir.Value
	shift  *ir.Value            // stands for the shift of moments in its slot; else nil
	lanes  [][][]reg.VecVirtual // of the value and of the squares, of each row
	totals []reg.VecVirtual     // in float64, a lane for each row

	// Of moments: the mean, as far from the shift, the sum of squares around it,
	// and the condition that the shift is too far from it.
	mean, squares reg.VecVirtual
	far           operand.Op
}

// openSums lists the sums of a phase: of moments and then of row sums.
func (e *rowEmitter) openSums(ph plan.RowPhase) {
	e.sums = nil
	for _, m := range ph.RowMoments {
		e.sums = append(e.sums, e.newSum(m.Of, &ir.Value{}, 2))
	}
	for _, v := range ph.RowSums {
		e.sums = append(e.sums, e.newSum(v.Args[0], nil, 1))
	}
}

func (e *rowEmitter) newSum(of, shift *ir.Value, n int) *rowSum {
	s := &rowSum{of: plan.Strip(of), shift: shift}
	for range n {
		rows := make([][]reg.VecVirtual, e.rows)
		for r := range rows {
			for range fullStep / e.set.Lanes {
				rows[r] = append(rows[r], e.vector())
			}
		}
		s.lanes = append(s.lanes, rows)
		s.totals = append(s.totals, e.doubles())
	}
	return s
}

// open starts a row.
func (e *rowEmitter) open(s *rowSum) {
	for _, t := range s.totals {
		e.spreadDoubleTo(e.consts.double(math.Copysign(0, -1)), t)
	}
}

// empty starts a block.
func (e *rowEmitter) empty(s *rowSum) {
	for _, rows := range s.lanes {
		for _, lanes := range rows {
			for _, l := range lanes {
				e.VBROADCASTSS(e.consts.single(noValue), l)
			}
		}
	}
}

// enter adds a vector of a row.
func (e *rowEmitter) enter(s *rowSum, r *row) {
	lanes := func(i int) reg.VecVirtual { return s.lanes[i][r.index][r.vec] }
	switch {
	case s.shift != nil:
		d, q := e.distance(s, r), e.vector()
		e.VMULPS(d, d, q)
		e.addTo(lanes(0), d, r)
		e.addTo(lanes(1), q, r)
	case r.loop.Left[s.of]:
		r.addLanes(s.of, lanes(0))
	default:
		e.addTo(lanes(0), r.get(s.of).VecVirtual, r)
	}
}

// distance is how far the elements are from the shift.
func (e *rowEmitter) distance(s *rowSum, r *row) reg.VecVirtual {
	x, d := r.get(s.of).VecVirtual, e.vector()
	if held := e.held[s.shift]; held != nil {
		e.VSUBPS(held[r.index], x, d)
		return d
	}
	e.VBROADCASTSS(e.inSlot(s.shift, r.index), d)
	e.VSUBPS(d, x, d)
	return d
}

// addTo adds x to a sum, lanes that are left out apart. Some sums are added on the
// ports that multiply, if those have less to do: one*x + sum rounds as x + sum.
func (e *rowEmitter) addTo(sum, x reg.VecVirtual, r *row) {
	if r.moves > 0 && !r.masked {
		r.moves--
		e.VFMADD231PS(e.one, x, sum)
		return
	}
	e.enc.add(x, sum, r.masked)
}

// addColumn adds a value to what the rows before it have in sum. What is left out
// is not written.
func (e *rowEmitter) addColumn(sum reg.VecVirtual, v *ir.Value, r *row) {
	if r.moves == 0 || r.loop.Left[v] {
		r.addTo(v, sum)
		return
	}
	r.moves--
	e.VFMADD231PS(e.one, r.get(v).VecVirtual, sum)
}

// surplus is how many additions the elements of a row and their sums are more
// than products.
func (e *rowEmitter) surplus(ph plan.RowPhase) int {
	n := len(ph.ColSums)
	for _, s := range e.sums {
		n++
		if s.shift != nil {
			n++ // d = x - shift, and d*d and both sums
		}
	}
	for _, v := range ph.Elements {
		switch {
		case v.Op == ir.Add || v.Op == ir.Sub:
			n++
		case ph.Left[v]:
			n -= 2 // the addition behind it is none
		case v.Op == ir.Mul:
			n--
		}
	}
	return max(0, n)
}

// addBlock folds the lanes of a block and adds them to the totals.
func (e *rowEmitter) addBlock(s *rowSum) {
	for i, rows := range s.lanes {
		halves := make([]reg.VecVirtual, len(rows))
		for r, l := range rows {
			for n := len(l); n > e.halfVectors(); n /= 2 {
				for j := range n / 2 {
					e.VADDPS(l[j+n/2], l[j], l[j])
				}
			}
			halves[r] = l[0]
			if e.halfVectors() == 2 {
				e.VADDPS(l[1], l[0], l[0])
			}
		}
		x := e.widened(e.foldRows(halves))
		e.VADDPD(x, s.totals[i], s.totals[i])
	}
}

// halfVectors is the number of vectors that hold half the lanes.
func (e *rowEmitter) halfVectors() int { return fullStep / 2 / e.set.Lanes }
