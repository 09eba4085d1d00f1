package dsl

import "math"

// A sign is what is known about the sign of a value, weakest first, so that
// the smaller of two signs holds for both.
type sign uint8

const (
	unknown sign = iota
	nonnegative
	positive
)

func signOf(x float64) sign {
	switch {
	case x > 0:
		return positive
	case x == 0:
		return nonnegative
	}
	return unknown
}

// set records the value of a uniform expression under default knobs.
func (v *value) set(x float64) {
	v.num = &x
	v.sign = signOf(x)
}

func foldBinary(op BinaryOp, x, y float64) float64 {
	switch op {
	case Add:
		return x + y
	case Sub:
		return x - y
	case Mul:
		return x * y
	case Div:
		return x / y
	}
	return math.Pow(x, y)
}

func binarySign(t *InfixTerm, x, y value) sign {
	both := min(x.sign, y.sign)
	switch t.Op {
	case Add:
		if both == nonnegative {
			return max(x.sign, y.sign)
		}
		return both
	case Mul:
		if sameName(t.X, t.Y) {
			return max(both, nonnegative)
		}
		return both
	case Div:
		if y.sign == positive {
			return x.sign
		}
	case Pow:
		return powSign(x, y)
	}
	return unknown
}

// powSign knows that an even power is never negative.
func powSign(x, y value) sign {
	if x.sign == unknown && y.num != nil && math.Mod(*y.num, 2) == 0 {
		return nonnegative
	}
	return x.sign
}

// sameName recognises x*x.
func sameName(x, y Term) bool {
	a, ok1 := x.(*NameTerm)
	b, ok2 := y.(*NameTerm)
	return ok1 && ok2 && a.Name == b.Name
}

// callSign gives the sign of a function's result. The rate of ema is taken to
// be between 0 and 1.
func callSign(fn Function, args []value) sign {
	switch x := args[0].sign; fn {
	case Exp, Rsqrt:
		return positive
	case Sqrt, Tanh, Erf, Detach:
		return x
	case Abs:
		return max(x, nonnegative)
	case Max:
		return max(x, args[1].sign)
	case Min, Ema:
		return min(x, args[1].sign)
	case Clip:
		return min(max(x, args[1].sign), args[2].sign)
	case Mod, Floor:
		return min(x, nonnegative)
	}
	return unknown
}

// stateSign reads the invariant of a state.
func stateSign(s *Symbol) sign {
	w, ok := s.Where.(*Binary)
	if !ok {
		return unknown
	}
	bound := signOf(w.Y.(*Num).Value)
	switch {
	case w.Op == Gt && bound >= nonnegative:
		return positive
	case w.Op == Ge:
		return bound
	}
	return unknown
}
