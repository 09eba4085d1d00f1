package affine

import (
	"fmt"

	"github.com/normgen/normgen/gen/ir"
)

// A form is (x - centre)*scale + offset; nil stands for no centre, a scale of 1
// and no offset. With a centre of its own a norm reads as it is written, and
// its shift as the offset less centre*scale.
type form struct{ centre, scale, offset *ir.Value }

// form returns the form of v, which depends on the data.
func (s *search) form(v *ir.Value) (form, error) {
	if fm, ok := s.forms[v]; ok {
		return fm, nil
	}
	fm, err := s.derive(v)
	s.forms[v] = fm
	return fm, err
}

// derive knows the operations that keep a form. Operands that do not depend on
// the data are coefficients.
func (s *search) derive(v *ir.Value) (form, error) {
	switch v.Op {
	case ir.Load:
		return form{}, nil
	case ir.Widen, ir.Detach:
		return s.form(v.Args[0])
	case ir.Neg:
		fm, err := s.form(v.Args[0])
		return s.scaled(fm, s.f.Neg), err
	case ir.Add, ir.Sub:
		return s.sum(v)
	case ir.Mul:
		return s.product(v)
	case ir.Div:
		return s.quotient(v)
	case ir.Select:
		return s.choice(v)
	}
	return form{}, s.notLinear(v)
}

func (s *search) notLinear(v *ir.Value) error {
	return &Reason{v.Line, fmt.Sprintf("%s is not linear in %s", s.layer.Equation(v), s.layer.Inputs[0].Name)}
}

// factor is the scale of a form, and rest its value at 0.
func (s *search) factor(fm form) *ir.Value {
	if fm.scale == nil {
		return s.f.Const(1)
	}
	return fm.scale
}

func (s *search) rest(fm form) *ir.Value {
	offset := fm.offset
	if offset == nil {
		offset = s.f.Const(0)
	}
	switch {
	case fm.centre == nil:
		return offset
	case fm.offset == nil:
		return s.f.Neg(s.f.Mul(fm.centre, s.factor(fm)))
	}
	return s.f.Sub(offset, s.f.Mul(fm.centre, s.factor(fm)))
}

// scaled applies fn, which is linear, to a form.
func (s *search) scaled(fm form, fn func(*ir.Value) *ir.Value) form {
	fm.scale = fn(s.factor(fm))
	if fm.offset != nil {
		fm.offset = fn(fm.offset)
	}
	return fm
}

func (s *search) product(v *ir.Value) (form, error) {
	a, b := v.Args[0], v.Args[1]
	switch {
	case s.data[a] && s.data[b]:
		return form{}, s.notLinear(v)
	case s.data[a]:
		fm, err := s.form(a)
		return s.scaled(fm, func(x *ir.Value) *ir.Value { return s.f.Mul(x, s.narrow(b)) }), err
	}
	fm, err := s.form(b)
	return s.scaled(fm, func(x *ir.Value) *ir.Value { return s.f.Mul(s.narrow(a), x) }), err
}

func (s *search) quotient(v *ir.Value) (form, error) {
	a, b := v.Args[0], v.Args[1]
	if s.data[b] {
		return form{}, s.notLinear(v)
	}
	fm, err := s.form(a)
	return s.scaled(fm, func(x *ir.Value) *ir.Value { return s.f.Div(x, s.narrow(b)) }), err
}

// sum is a sum or a difference.
func (s *search) sum(v *ir.Value) (form, error) {
	a, b := v.Args[0], v.Args[1]
	switch {
	case s.data[a] && s.data[b]:
		return s.both(a, b, func(x, y *ir.Value) *ir.Value { return s.f.Apply(v.Op, x, y) })
	case s.data[a]:
		fm, err := s.form(a)
		return s.moved(fm, v.Op, s.narrow(b)), err
	}
	fm, err := s.form(b)
	if v.Op == ir.Sub {
		fm.scale = s.f.Neg(s.factor(fm))
	}
	if k := s.narrow(a); fm.offset != nil {
		fm.offset = s.f.Apply(v.Op, k, fm.offset)
	} else {
		fm.offset = k
	}
	return fm, err
}

// moved adds k to a form, or subtracts it. What is subtracted from x before any
// scale is a centre.
func (s *search) moved(fm form, op ir.Op, k *ir.Value) form {
	switch {
	case op == ir.Sub && fm == form{}:
		fm.centre = k
	case fm.offset != nil:
		fm.offset = s.f.Apply(op, fm.offset, k)
	case op == ir.Sub:
		fm.offset = s.f.Neg(k)
	default:
		fm.offset = k
	}
	return fm
}

// choice is one of two forms, by a condition that does not depend on the data.
func (s *search) choice(v *ir.Value) (form, error) {
	if s.data[v.Args[0]] {
		return form{}, s.notLinear(v)
	}
	cond := s.narrow(v.Args[0])
	return s.both(v.Args[1], v.Args[2], func(x, y *ir.Value) *ir.Value { return s.f.Select(cond, x, y) })
}

// both joins the scales of two operands, and the rests. One of the operands may
// be a coefficient: its scale is 0.
func (s *search) both(a, b *ir.Value, join func(x, y *ir.Value) *ir.Value) (form, error) {
	scaleA, restA, err := s.flat(a)
	if err != nil {
		return form{}, err
	}
	scaleB, restB, err := s.flat(b)
	if err != nil {
		return form{}, err
	}
	return form{scale: join(scaleA, scaleB), offset: join(restA, restB)}, nil
}

func (s *search) flat(v *ir.Value) (scale, rest *ir.Value, err error) {
	if !s.data[v] {
		return s.f.Const(0), s.narrow(v), nil
	}
	fm, err := s.form(v)
	return s.factor(fm), s.rest(fm), err
}
