package interval

import "github.com/normgen/normgen/gen/ir"

// An Analysis bounds the values of one function.
type Analysis struct {
	Format
	layer *ir.Layer
	stats map[string]Interval // of the merged statistics that an update reads
	keys  *ir.Hasher
	work  int // bounds computed so far
	top   *scope
}

// maxWork and maxDepth bound what conditions may cost: each one has its branches
// bounded anew, and conditions nest. Beyond, branches are bounded as if their
// conditions said nothing.
const (
	maxWork  = 1 << 16
	maxDepth = 4
)

// Analyze bounds the values of f, a function of l, computed in format. An
// update needs bounds of the statistics that it reads, by name.
func Analyze(l *ir.Layer, f *ir.Func, format Format, stats map[string]Interval) *Analysis {
	a := &Analysis{Format: format, layer: l, stats: stats, keys: ir.NewHasher()}
	a.top = a.scope(nil, 0)
	for _, v := range f.Values { // operands first, so that bound never recurses far
		a.top.of(v)
	}
	return a
}

// Of bounds v, whatever the conditions that it is used under.
func (a *Analysis) Of(v *ir.Value) Interval { return a.top.of(v) }

// key numbers a value by structure, without its repetition over more axes.
func (a *Analysis) key(v *ir.Value) int { return a.keys.Number(strip(v)) }

// same reports whether two values are equal whatever the data.
func (a *Analysis) same(v, w *ir.Value) bool { return a.key(v) == a.key(w) }

func strip(v *ir.Value) *ir.Value {
	for v.Op == ir.Widen {
		v = v.Args[0]
	}
	return v
}

// A scope holds bounds where a condition is known to hold or to fail. The
// condition speaks of single elements: a reduction over its axes reads others,
// of which only the outer scope knows.
type scope struct {
	a     *Analysis
	outer *scope
	axes  ir.Axes
	depth int
	known map[int]Interval // by structure
	inner map[premise]*scope
}

// A premise is a condition, by structure, that holds or fails.
type premise struct {
	cond  int
	holds bool
}

func (a *Analysis) scope(outer *scope, axes ir.Axes) *scope {
	return &scope{a: a, outer: outer, axes: axes, known: map[int]Interval{}, inner: map[premise]*scope{}}
}

// of bounds v in s.
func (s *scope) of(v *ir.Value) Interval {
	v = strip(v)
	k := s.a.keys.Number(v)
	if i, ok := s.known[k]; ok {
		return i
	}
	if s.depth > 0 && s.a.work > 2*maxWork {
		return s.outer.of(v)
	}
	s.a.work++
	i := s.bound(v)
	s.known[k] = i
	return i
}

func (s *scope) bound(v *ir.Value) Interval {
	if s.outer == nil {
		return s.transfer(v)
	}
	was := s.outer.of(v)
	if v.Op.Reduces() && v.Over&s.axes != 0 || !s.changed(v) {
		return was
	}
	return was.meet(s.transfer(v))
}

// changed reports whether s knows more of v's operands than the outer scope.
func (s *scope) changed(v *ir.Value) bool {
	for _, a := range v.Args {
		if s.of(a) != s.outer.of(a) {
			return true
		}
	}
	return false
}

// assume is s where c holds or fails. It is s itself if that says nothing new.
func (s *scope) assume(c *ir.Value, holds bool) *scope {
	p := premise{s.a.key(c), holds}
	if in := s.inner[p]; in != nil {
		return in
	}
	if s.a.work > maxWork || s.depth == maxDepth {
		return s
	}
	in := s.a.scope(s, c.Axes)
	in.depth = s.depth + 1
	in.learn(strip(c), holds)
	if len(in.known) == 0 {
		in = s
	}
	s.inner[p] = in
	return in
}

// learn notes what c says of the values that it compares.
func (s *scope) learn(c *ir.Value, holds bool) {
	switch {
	case c.Op == ir.Not:
		s.learn(strip(c.Args[0]), !holds)
		return
	case c.Op == ir.And && holds, c.Op == ir.Or && !holds:
		s.learn(strip(c.Args[0]), holds)
		s.learn(strip(c.Args[1]), holds)
		return
	case ir.Ops[c.Op].Cond || c.Op == ir.Load:
		s.narrow(c, truth(holds))
	}
	if len(c.Args) != 2 {
		return
	}
	x, y := c.Args[0], c.Args[1]
	switch {
	case c.Op == ir.Less && holds:
		s.order(x, y, true)
	case c.Op == ir.LessEq && holds:
		s.order(x, y, false)
	case c.Op == ir.Less && !s.nan(x, y):
		s.order(y, x, false)
	case c.Op == ir.LessEq && !s.nan(x, y):
		s.order(y, x, true)
	case c.Op == ir.Equal && holds:
		s.narrow(x, s.outer.of(y))
		s.narrow(y, s.outer.of(x))
	case c.Op == ir.Equal:
		s.differ(x, y)
		s.differ(y, x)
	}
}

func truth(holds bool) Interval {
	if holds {
		return point(1)
	}
	return point(0)
}

// nan reports whether a comparison may fail because of a NaN, and so says
// nothing when it fails.
func (s *scope) nan(x, y *ir.Value) bool { return s.outer.of(x).NaN || s.outer.of(y).NaN }

// order notes that x <= y, or x < y if strict.
func (s *scope) order(x, y *ir.Value, strict bool) {
	i, j := s.outer.of(x), s.outer.of(y)
	s.narrow(x, Interval{Lo: i.Lo, Hi: j.Hi, Nonzero: strict && j.Hi == 0 || j.Hi == 0 && j.Nonzero})
	s.narrow(y, Interval{Lo: i.Lo, Hi: j.Hi, Nonzero: strict && i.Lo == 0 || i.Lo == 0 && i.Nonzero})
}

// differ notes that x is not y.
func (s *scope) differ(x, y *ir.Value) {
	if j := s.outer.of(y); j.isPoint() && j.Lo == 0 {
		i := s.outer.of(x)
		i.Nonzero = true
		s.narrow(x, i.tidy())
	}
}

// narrow notes that x lies in i.
func (s *scope) narrow(x *ir.Value, i Interval) {
	was := s.outer.of(x)
	k := s.a.key(x)
	if now, ok := s.known[k]; ok {
		was = now
	}
	if now := was.meet(i); now != was {
		s.known[k] = now
	}
}
