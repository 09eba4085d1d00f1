package interval

import (
	"math"

	"github.com/normgen/normgen/gen/ir"
)

// transfer bounds v by the bounds of its operands.
func (s *scope) transfer(v *ir.Value) Interval {
	if i, ok := s.related(v); ok {
		return i
	}
	if fn := unary[v.Op]; fn != nil {
		return fn(s.a.Format, s.of(v.Args[0]))
	}
	if fn := binary[v.Op]; fn != nil {
		return fn(s.a.Format, s.of(v.Args[0]), s.of(v.Args[1]))
	}
	return s.special(v)
}

// unary are the elementwise operations of one operand.
var unary = [ir.NumOps]func(f Format, x Interval) Interval{
	ir.Neg:    Format.neg,
	ir.Sqrt:   Format.sqrt,
	ir.Rsqrt:  Format.rsqrt,
	ir.Exp:    Format.exp,
	ir.Log:    Format.log,
	ir.Tanh:   func(f Format, x Interval) Interval { return f.saturating(math.Tanh, x) },
	ir.Erf:    func(f Format, x Interval) Interval { return f.saturating(math.Erf, x) },
	ir.Abs:    Format.abs,
	ir.Floor:  Format.floor,
	ir.Detach: func(_ Format, x Interval) Interval { return x },
	ir.Not:    func(_ Format, x Interval) Interval { return decide(isZero(x), !x.zero()) },
}

// binary are the elementwise operations of two operands.
var binary = [ir.NumOps]func(f Format, x, y Interval) Interval{
	ir.Add:    Format.add,
	ir.Sub:    Format.sub,
	ir.Mul:    Format.mul,
	ir.Div:    Format.div,
	ir.Pow:    Format.pow,
	ir.Mod:    Format.mod,
	ir.Max:    Format.larger,
	ir.Min:    Format.smaller,
	ir.Less:   func(_ Format, x, y Interval) Interval { return decide(x.Hi < y.Lo && ordered(x, y), x.Lo >= y.Hi) },
	ir.LessEq: func(_ Format, x, y Interval) Interval { return decide(x.Hi <= y.Lo && ordered(x, y), x.Lo > y.Hi) },
	ir.Equal: func(_ Format, x, y Interval) Interval {
		return decide(x.isPoint() && x == y, x.Hi < y.Lo || y.Hi < x.Lo)
	},
	ir.And: func(_ Format, x, y Interval) Interval { return decide(!x.zero() && !y.zero(), isZero(x) || isZero(y)) },
	ir.Or:  func(_ Format, x, y Interval) Interval { return decide(!x.zero() || !y.zero(), isZero(x) && isZero(y)) },
}

// decide bounds a condition that always holds, never does, or may.
func decide(always, never bool) Interval {
	switch {
	case always:
		return point(1)
	case never:
		return point(0)
	}
	return Interval{Lo: 0, Hi: 1}
}

func isZero(x Interval) bool { return x.isPoint() && x.Lo == 0 }

// ordered reports that neither is NaN, with which every comparison fails.
func ordered(x, y Interval) bool { return !x.NaN && !y.NaN }

// special bounds what is not elementwise, or depends on the scope.
func (s *scope) special(v *ir.Value) Interval {
	switch v.Op {
	case ir.Const:
		return s.a.finite(point(v.F))
	case ir.Load:
		return s.leaf(v)
	case ir.Step:
		return Interval{Lo: 1, Hi: most}
	case ir.Size:
		return s.a.size(v.Over)
	case ir.Index:
		return Interval{Hi: s.a.size(v.Over).Hi - 1}
	case ir.Count:
		return s.count(v)
	case ir.Select:
		return s.choice(v)
	case ir.Sum:
		return s.sum(v)
	case ir.Mean, ir.MomentMean, ir.MomentHi:
		return s.mean(v)
	case ir.MomentLo:
		return s.low(v)
	case ir.MomentSS:
		return s.squares(v)
	case ir.MaxOf:
		return s.maxOf(v)
	}
	return everything
}

// choice joins the branches, each under its condition.
func (s *scope) choice(v *ir.Value) Interval {
	c := s.of(v.Args[0])
	switch {
	case isZero(c):
		return s.of(v.Args[2])
	case !c.zero():
		return s.of(v.Args[1])
	}
	return s.assume(v.Args[0], true).of(v.Args[1]).join(s.assume(v.Args[0], false).of(v.Args[2]))
}
