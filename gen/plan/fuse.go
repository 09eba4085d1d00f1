package plan

import (
	"math"

	"github.com/normgen/normgen/gen/ir"
)

// SetFast lets assembly of the unit fuse a product with the addition behind it. The
// plan, and with it the order of additions, stays as it is.
func (u *Unit) SetFast() {
	u.Fast = true
	for _, k := range u.kernels() {
		k.Fast = true
		for _, st := range k.Stages {
			for _, ph := range st.Sweep.Phases {
				ph.Left = left(ph.Body)
			}
		}
	}
}

// left finds the products of a phase that are left until the addition that uses them:
// those that at most one addition of the body uses, and nothing else in it. Sums over
// elements and over rows may use them as well, and add them as they are; whoever else
// wants them has them rounded.
func left(body []*ir.Value) map[*ir.Value]bool {
	added, used := map[*ir.Value]int{}, map[*ir.Value]int{}
	for _, v := range body {
		for _, a := range v.Args {
			a = Strip(a)
			if used[a]++; v.Op == ir.Add || v.Op == ir.Sub {
				added[a]++
			}
		}
	}
	out := map[*ir.Value]bool{}
	for _, v := range body {
		if v.Op == ir.Mul && used[v] < 2 && used[v] == added[v] {
			out[v] = true
		}
	}
	return out
}

// A Sign says what a fused addition negates.
type Sign uint8

const (
	Plus     Sign = iota // the product and the other operand are added
	Minus                // the other is subtracted
	MinusOff             // the product is subtracted from the other
)

// Fused returns what an addition or difference of the phase fuses: a product and the
// other operand; nil if it fuses nothing.
func Fused(v *ir.Value, left map[*ir.Value]bool) (product, other *ir.Value, s Sign) {
	if v.Op != ir.Add && v.Op != ir.Sub {
		return nil, nil, Plus
	}
	a, b := Strip(v.Args[0]), Strip(v.Args[1])
	switch {
	case left[a] && v.Op == ir.Add:
		return a, b, Plus
	case left[a]:
		return a, b, Minus
	case left[b] && v.Op == ir.Add:
		return b, a, Plus
	case left[b]:
		return b, a, MinusOff
	}
	return nil, nil, Plus
}

// fuse adds c to a product of two float32, which a float64 holds exactly, and rounds
// once. The sum is rounded to odd first: then the second rounding does what one would.
func fuse(product, c float64) float32 {
	s := product + c
	if math.IsInf(s, 0) || math.IsNaN(s) {
		return float32(s)
	}
	t := s - product
	lost := (product - (s - t)) + (c - t)
	if lost != 0 && math.Float64bits(s)&1 == 0 {
		s = math.Nextafter(s, math.Inf(int(math.Copysign(1, lost))))
	}
	return float32(s)
}

// fused computes an addition that fuses a product; ok if v is one.
func (e *evaluator[T]) fused(v *ir.Value) (x float64, ok bool) {
	p, other, sign := Fused(v, e.left)
	if p == nil {
		return 0, false
	}
	c := float64(T(e.get(other)))
	switch sign {
	case Minus:
		c = -c
	case MinusOff:
		return float64(fuse(-e.product(p), c)), true
	}
	return float64(fuse(e.product(p), c)), true
}

// product is the exact product that v rounds.
func (e *evaluator[T]) product(v *ir.Value) float64 {
	return float64(T(e.get(v.Args[0]))) * float64(T(e.get(v.Args[1])))
}

// rowSumFused is the row sum of products that are added as they are.
func rowSumFused(products []float64) float64 {
	sum := math.Copysign(0, -1)
	for lo := 0; lo < len(products); lo += RowBlock {
		var lane [Lanes]float32
		for l := range lane {
			lane[l] = float32(math.Copysign(0, -1))
		}
		for i, p := range products[lo:min(lo+RowBlock, len(products))] {
			lane[i%Lanes] = fuse(p, float64(lane[i%Lanes]))
		}
		sum += float64(fold(lane[:]))
	}
	return sum
}

// columnSumFused adds the products of the kept rows of a block in order.
func columnSumFused(rows [][]float64, cols int) []float64 {
	out := make([]float64, cols)
	for j := range out {
		s := float32(math.Copysign(0, -1))
		for _, r := range rows {
			s = fuse(r[j], float64(s))
		}
		out[j] = float64(s)
	}
	return out
}
