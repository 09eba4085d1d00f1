package dsl

import "slices"

// expand replaces the clauses of a norm by equations, at the place of the last
// clause, so that they see everything declared between them. Every piece keeps
// the position of the clause it comes from.
func expand(r *reporter, n *Norm) []Item {
	e := &expansion{reporter: r, norm: n}
	last := e.collect()
	if last < 0 {
		return n.Body.Items
	}
	var out []Item
	for i, it := range n.Body.Items {
		if !isClause(it) {
			out = append(out, it)
		}
		if i == last {
			out = append(out, e.equations()...)
		}
	}
	return out
}

// An expansion holds the clauses of a norm and what they need.
type expansion struct {
	*reporter
	norm    *Norm
	input   *Name
	reduce  *ReduceClause
	shift   *ShiftClause
	scale   *ScaleClause
	running *RunningClause
	affine  *AffineClause
	mean    bool // y = x - mean
	out     []Item
}

func isClause(it Item) bool {
	switch it.(type) {
	case *ReduceClause, *ShiftClause, *ScaleClause, *RunningClause, *AffineClause:
		return true
	}
	return false
}

// collect finds the clauses and the input, and returns the index of the last
// clause, or -1.
func (e *expansion) collect() int {
	last := -1
	for i, it := range e.norm.Body.Items {
		if d, ok := it.(*Declare); ok && d.Kind == InputSymbol && e.input == nil {
			e.input = &d.Bindings[0].Name
		}
		if isClause(it) {
			e.clause(it)
			last = i
		}
	}
	return last
}

func (e *expansion) clause(it Item) {
	var old Item
	switch it := it.(type) {
	case *ReduceClause:
		old, e.reduce = first(e.reduce, it), it
	case *ShiftClause:
		old, e.shift = first(e.shift, it), it
	case *ScaleClause:
		old, e.scale = first(e.scale, it), it
	case *RunningClause:
		old, e.running = first(e.running, it), it
	case *AffineClause:
		old, e.affine = first(e.affine, it), it
	}
	if old != nil {
		e.errorf(codeClauseTwice, head(it, word(it)), "a norm has each clause once, this is the second %q", word(it)).
			note(head(old, word(old)), "the first one")
	}
}

// first returns old as an Item, or nil if there is none.
func first[T interface {
	comparable
	Item
}](old, _ T) Item {
	var none T
	if old == none {
		return nil
	}
	return old
}

// equations writes the clauses out: parameters, states, statistics with their
// running values, and the output.
func (e *expansion) equations() []Item {
	if !e.valid() {
		return nil
	}
	e.parameters()
	e.states()
	e.statistics()
	e.output()
	return e.out
}

func (e *expansion) valid() bool {
	if e.input == nil {
		return false // a norm without input is reported by the checker
	}
	if e.shift != nil {
		if e.mean = e.shift.By.Text == "mean"; !e.mean && e.shift.By.Text != "none" {
			e.errorf(codeShift, e.shift.By.Extent(), `a shift is by "mean" or "none", this is by %q`, e.shift.By.Text)
			return false
		}
	}
	return e.oneInput() && e.reduced() && e.runningKnown()
}

// oneInput holds the clause form to what it can say.
func (e *expansion) oneInput() bool {
	inputs := 0
	for _, it := range e.norm.Body.Items {
		if d, ok := it.(*Declare); ok && d.Kind == InputSymbol {
			inputs += len(d.Bindings)
		}
	}
	if inputs > 1 {
		e.errorf(codeClauseInputs, e.norm.Name.Extent(), "clauses normalize one input, %q has %d", e.norm.Name.Text, inputs).
			help("write the equations: stat, let and out")
	}
	return inputs == 1
}

func (e *expansion) reduced() bool {
	if e.reduce != nil || !e.mean && e.scale == nil && e.running == nil {
		return true
	}
	e.errorf(codeNoReduce, e.norm.Name.Extent(), "shift, scale and running need the clause reduce, %q has none", e.norm.Name.Text).
		help("write for example \"reduce C\"")
	return false
}

func (e *expansion) runningKnown() bool {
	if e.running == nil {
		return true
	}
	for i, s := range e.running.Stats {
		same := func(o RunningStat) bool { return o.Name.Text == s.Name.Text }
		switch {
		case !e.has(s.Name.Text) || s.Name.Text == "ss":
			e.errorf(codeRunning, s.Name.Extent(), "a running value is of a statistic of the norm: mean, var or ms; %q is not computed here", s.Name.Text)
		case s.Unbiased && s.Name.Text != "var":
			e.errorf(codeRunning, s.Name.Extent(), "only var can be unbiased, %q cannot", s.Name.Text)
		case slices.ContainsFunc(e.running.Stats[:i], same):
			e.errorf(codeRunning, s.Name.Extent(), "a statistic has one running value, %q is listed twice", s.Name.Text)
		default:
			continue
		}
		return false
	}
	return true
}

// has reports whether the clauses compute the statistic.
func (e *expansion) has(stat string) bool {
	switch stat {
	case "mean":
		return e.mean || e.has("var")
	case "var":
		return e.mentions("var") || e.mentions("std")
	case "ss":
		return e.mentions("norm")
	}
	return stat == "ms" && e.mentions("ms")
}

func (e *expansion) mentions(name string) bool { return e.scale != nil && mentions(e.scale.X, name) }

// runs returns the running clause's entry for a statistic.
func (e *expansion) runs(stat string) *RunningStat {
	if e.running == nil {
		return nil
	}
	for i := range e.running.Stats {
		if s := &e.running.Stats[i]; s.Name.Text == stat {
			return s
		}
	}
	return nil
}
