package dsl

import (
	"fmt"
	"maps"
)

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// fold checks a reduction. Its operand varies over every axis that it reduces:
// summing over another one would only multiply by its size, which is always a
// mistake about axes.
func (s *scope) fold(t *FoldTerm) value {
	over, ok := s.over(t)
	v := s.number(t.X)
	if v.Expr == nil || !ok {
		return value{}
	}
	if s.only != "" {
		s.errorf(codeInit, t.Extent(), "%s is made of numbers, knobs and sizes", s.only)
		return value{}
	}
	if !s.variesOver(t, v) {
		return value{}
	}
	x := &Reduce{Node: Node{t.Span, v.AxisSet() &^ over}, Fn: t.Fn, Over: over, X: v.Expr}
	if !s.domain(t, x, v.AxisSet()) {
		return value{}
	}
	return value{Expr: x}
}

// over resolves the axes of a reduction.
func (s *scope) over(t *FoldTerm) (set AxisSet, ok bool) {
	var axes []int
	ok = true
	for _, n := range t.Over {
		ref, known := s.axis(n)
		if known {
			axes = s.extend(axes, n, ref)
		}
		ok = ok && known
	}
	return setOf(axes), ok
}

func (s *scope) variesOver(t *FoldTerm, v value) bool {
	for _, n := range t.Over {
		if setOf(s.axes[n.Text].factors)&^v.AxisSet() != 0 {
			s.errorf(codeReduceAxis, n.Extent(), "a reduction is over axes of its operand, which varies over %s and not over %s", s.axesText(v.AxisSet()), n.Text).
				note(t.X.Extent(), "the operand")
			return false
		}
	}
	return true
}

// domain checks the part behind the bar and sets Mask and All.
func (s *scope) domain(t *FoldTerm, x *Reduce, operand AxisSet) bool {
	switch {
	case t.clause:
		return s.clauseMask(t, x)
	case t.Mask == nil:
		s.unmasked(t, x)
		return true
	case t.Mask.Text == "all":
		x.All = true
		return true
	}
	mask := s.mask(*t.Mask)
	if mask == nil {
		return false
	}
	x.Mask = mask
	s.masked[mask] = true
	return s.maskFits(t, x, operand)
}

// mask resolves the name behind the bar: a mask, or a let that holds a
// condition.
func (s *scope) mask(n Name) *Symbol {
	sym := s.names[n.Text]
	if sym == nil {
		d := s.errorf(codeMaskUnknown, n.Extent(), "a reduction is masked by a mask, %q is not declared", n.Text)
		if near := nearest(n.Text, maps.Keys(s.names)); near != "" && !s.full() {
			d.help("did you mean %q?", near)
		}
		return nil
	}
	f := s.facts[sym]
	s.used[f.binding] = true
	if f.bad {
		return nil
	}
	if !sym.Bool {
		s.errorf(codeMaskUnknown, n.Extent(), "a reduction is masked by a mask or a condition, %q is %s", n.Text, sym.Kind.article()).
			note(Name{sym.Name, sym.Pos}.Extent(), "declared here")
		return nil
	}
	return sym
}

func (s *scope) maskFits(t *FoldTerm, x *Reduce, operand AxisSet) bool {
	mask := x.Mask
	if mask.Set&x.Over == 0 {
		s.errorf(codeMaskAside, t.Mask.Extent(), "a mask selects along the axes of the reduction, %q varies over %s", mask.Name, s.axesText(mask.Set)).
			note(Name{mask.Name, mask.Pos}.Extent(), "declared here")
		return false
	}
	if extra := mask.Set &^ operand; extra != 0 {
		s.errorf(codeMaskWider, t.Mask.Extent(), "a mask varies over axes of the operand, %q also over %s", mask.Name, s.axesText(extra)).
			note(Name{mask.Name, mask.Pos}.Extent(), "declared here")
		return false
	}
	return true
}

// clauseMask gives the reduction of a clause the mask along its axes.
func (s *scope) clauseMask(t *FoldTerm, x *Reduce) bool {
	for _, m := range s.core.Masks {
		if m.Set&x.Over == 0 {
			continue
		}
		if x.Mask != nil {
			s.errorf(codeMaskSeveral, t.Extent(), "a clause reduces under one mask, %q and %q both lie along its axes", x.Mask.Name, m.Name).
				help("write the equations and join the masks: let both = %s and %s", x.Mask.Name, m.Name)
			return false
		}
		x.Mask = m
		s.masked[m] = true
	}
	return true
}

// unmasked warns about a reduction that passes over a mask of the norm.
func (s *scope) unmasked(t *FoldTerm, x *Reduce) {
	for _, m := range s.core.Masks {
		if m.Set&x.Over != 0 {
			s.warnf(codeUnmasked, t.Extent(), "a reduction along a mask says which elements it takes; this %s also takes those that %q leaves out, so padding changes it", t.Fn, m.Name).
				note(Name{m.Name, m.Pos}.Extent(), "the mask").
				help(`write "| %s" to leave them out, or "| all" if they are meant`, m.Name)
			return
		}
	}
}
