package interval

import "github.com/normgen/normgen/gen/ir"

// A checker looks for findings in one function.
type checker struct {
	*Analysis
	f       *ir.Func
	root    *scope
	own     int          // values before this one are another function's, repeated
	updates []*ir.Update // of the mode of f
	notes   bool         // only what is derived is of interest
	seen    map[place]bool
	found   []Finding

	averages  map[*ir.Leaf]*ir.Value
	reached   map[*ir.Value]bool
	explained map[*ir.Value]bool // constants that a finding names

	searched int // values computed in search of witnesses
}

// maxFindings bounds what is said about one function; then its check ends.
const maxFindings = 64

// A place is a value under conditions.
type place struct {
	v *ir.Value
	s *scope
}

// checks look at one value, under conditions; those that derived says look at
// what the compiler derives too.
var checks = []struct {
	derived bool
	check   func(c *checker, v *ir.Value, s *scope)
}{
	{true, (*checker).zero},
	{false, (*checker).vanish},
	{false, (*checker).differences},
	{true, (*checker).overflow},
	{false, (*checker).square},
}

func newChecker(l *ir.Layer, f *ir.Func, format Format, stats map[string]Interval) *checker {
	c := &checker{Analysis: Analyze(l, f, format, stats), f: f, averages: averages(l)}
	c.repair()
	return c
}

// check inspects what the outputs depend on.
func (c *checker) check() {
	c.seen, c.reached, c.explained = map[place]bool{}, map[*ir.Value]bool{}, map[*ir.Value]bool{}
	for _, o := range c.f.Outs {
		c.visit(o.Value, c.root)
	}
	if !c.notes {
		c.constants()
	}
}

// repair bounds every value as if what is found before it were mended, so that
// one mistake is one finding.
func (c *checker) repair() {
	c.root = c.scope(c.top, 0)
	for _, v := range c.f.Values {
		i := c.root.of(v)
		if m, ok := c.mended(v, c.root); ok {
			i = m
		}
		c.root.known[c.key(v)] = i
	}
}

// visit inspects v and what it depends on: branches under their conditions,
// and of a reduction the elements that its mask selects.
func (c *checker) visit(v *ir.Value, s *scope) {
	if c.seen[place{v, s}] || len(c.found) == maxFindings {
		return
	}
	if c.work++; s.depth > 0 && c.work > 4*maxWork {
		return
	}
	c.seen[place{v, s}], c.reached[v] = true, true
	if v.Op.Reduces() {
		for s.outer != nil && v.Over&s.axes != 0 {
			s = s.outer
		}
	}
	for i, a := range v.Args {
		if in := s.into(v, i); in != nil {
			c.visit(a, in)
		}
	}
	for _, k := range checks {
		if k.derived || !c.notes {
			k.check(c, v, s)
		}
	}
}

// into is the scope of operand i of v, or nil if v never takes it.
func (s *scope) into(v *ir.Value, i int) *scope {
	switch {
	case v.Op.Reduces() && i == 0:
		return s.taken(v)
	case v.Op != ir.Select || i == 0:
		return s
	}
	c := s.of(v.Args[0])
	if i == 1 && isZero(c) || i == 2 && !c.zero() {
		return nil
	}
	return s.assume(v.Args[0], i == 1)
}

// report adds a finding about v, or about its operand if the compiler made v.
func (c *checker) report(kind Kind, v *ir.Value, msg, help string) {
	derived := v.Span == (ir.Span{}) || v.ID < c.own
	if derived != c.notes || len(c.found) == maxFindings {
		return
	}
	at := v.Span
	if derived {
		msg = "in the derived backward, " + msg
	}
	for i := 0; at == (ir.Span{}) && i < len(v.Args); i++ {
		at = strip(v.Args[len(v.Args)-1-i]).Span
	}
	if at == (ir.Span{}) {
		return
	}
	c.found = append(c.found, Finding{Kind: kind, Span: at, Msg: msg, Help: help, Note: derived || kind >= Square})
}
