package main

import "github.com/normgen/normgen/gen/elementary"

// A block is a function's body or one side of a choice in it. A choice computes
// only the side it takes, since a value belongs to the innermost block that has
// all its uses. That changes no bit: operations have no effects.
type block struct {
	outer *block
	depth int
	busy  bool // something is computed in it
}

// A placement says where values are computed and how they are read.
type placement struct {
	home  map[*elementary.Value]*block
	sides map[*elementary.Value][2]*block // of choices, for their two results
	uses  map[*elementary.Value]int
	bits  map[*elementary.Value]bool // some use reads bits
	side  map[*elementary.Value]bool // some use is as a result of a choice
}

// place goes from the result to the argument, so that all uses of a value have
// their block before it has.
func place(p *elementary.Program) *placement {
	l := &placement{map[*elementary.Value]*block{p.Out: {}}, map[*elementary.Value][2]*block{},
		map[*elementary.Value]int{}, map[*elementary.Value]bool{}, map[*elementary.Value]bool{}}
	for i := len(p.Values) - 1; i >= 0; i-- {
		if v := p.Values[i]; l.home[v] != nil && len(v.Args) > 0 {
			l.home[v].busy = true
			l.operands(v)
		}
	}
	return l
}

func (l *placement) operands(v *elementary.Value) {
	at := l.home[v]
	blocks := [3]*block{at, at, at}
	if v.Op == elementary.Select {
		sides := [2]*block{{outer: at, depth: at.depth + 1}, {outer: at, depth: at.depth + 1}}
		l.sides[v], blocks[1], blocks[2] = sides, sides[0], sides[1]
	}
	for i, a := range v.Args {
		l.uses[a]++
		l.bits[a] = l.bits[a] || infix[v.Op].bits
		l.side[a] = l.side[a] || blocks[i] != at
		l.home[a] = around(l.home[a], blocks[i])
	}
}

// around is the innermost block around two; nil is inside of all.
func around(a, b *block) *block {
	if a == nil {
		return b
	}
	for a != b {
		if a.depth < b.depth {
			a, b = b, a
		}
		a = a.outer
	}
	return a
}

// nested reports whether v is a choice that only another one may take.
func (l *placement) nested(v *elementary.Value) bool {
	return v.Op == elementary.Select && l.uses[v] == 1 && l.side[v]
}
