package gen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/normgen/normgen/gen/ir"
)

// The lengths of an equation, in the names and numbers it has.
const (
	longFormula   = 14 // a longer part gets a line of its own
	longestTerms  = 40 // so does a longer part of a sum or product, which are easy to read
	sharedFormula = 4  // and a part of this length that is read twice
)

// definitions writes the functions of a mode, one line for each value that has
// a name. What one function defines, the next ones use.
type definitions struct {
	layer *ir.Layer
	known map[string]bool

	letter string // for parts without a name, which get a number
	made   int

	named map[*ir.Value]string
	users map[*ir.Value][]*ir.Value
	size  map[*ir.Value]int
}

func newDefinitions(l *ir.Layer, m *ir.Mode) *definitions {
	d := &definitions{layer: l, known: map[string]bool{}}
	for _, letter := range "tswpvuqz" {
		if d.letter = string(letter); !taken(l, m, d.letter) {
			break
		}
	}
	return d
}

// taken reports whether a letter, with or without a number, is a name or an
// index already.
func taken(l *ir.Layer, m *ir.Mode, letter string) bool {
	for _, a := range l.Axes {
		if strings.EqualFold(a.Name, letter) {
			return true
		}
	}
	for _, f := range []*ir.Func{m.Forward, m.Backward} {
		for _, v := range f.Values {
			if strings.TrimRight(v.Name, "0123456789") == letter {
				return true
			}
		}
	}
	return false
}

// function returns the lines of f: its named values in order, and its results.
func (d *definitions) function(f *ir.Func) []string {
	d.named, d.users, d.size = map[*ir.Value]string{}, users(f), map[*ir.Value]int{}
	result := map[*ir.Value]bool{}
	for _, o := range f.Outs {
		result[bare(o.Value)] = true
	}
	var lines []string
	for _, v := range f.Values {
		if v.Op == ir.Load || v.Op == ir.Const || v.Op == ir.Widen {
			continue
		}
		if v.Name == "" && !result[v] && d.deserves(v) {
			d.made++
			d.named[v] = d.letter + strconv.Itoa(d.made)
		}
		if name := d.nameOf(v); name != "" && !d.known[name] {
			d.known[name] = true
			lines = append(lines, d.line(name, v.Axes, "=", d.layer.LaTeX(v, d.named)))
		}
	}
	return append(lines, d.results(f)...)
}

// results returns the lines of the outputs that have none yet. One whose value
// has another name refers to that.
func (d *definitions) results(f *ir.Func) []string {
	var lines []string
	for _, o := range f.Outs {
		name, relation := resultName(o), "="
		if o.Kind == ir.StateOut {
			relation = `\leftarrow`
		}
		v := bare(o.Value)
		text := ""
		switch other := d.nameOf(v); {
		case other == name && relation == "=" && d.known[name]:
			continue
		case other != "":
			text = d.layer.Symbol(other, v.Axes)
		default:
			text = d.layer.LaTeX(v, d.named)
			d.named[v] = name
		}
		lines = append(lines, d.line(name, o.Value.Axes, relation, text))
	}
	return lines
}

// nameOf is what v is called where it is read.
func (d *definitions) nameOf(v *ir.Value) string {
	switch name := d.named[v]; {
	case v.Op == ir.Const: // a knob that is fixed reads as its number
		return ""
	case name != "":
		return name
	}
	return v.Name
}

func (d *definitions) line(name string, axes ir.Axes, relation, text string) string {
	return fmt.Sprintf("%s &%s %s", d.layer.Symbol(name, axes), relation, text)
}

// deserves reports whether v, which has no name, is to have one: it is long, or
// read more than once and not short. A product in a product is a part of it, and
// so is a sum in a sum.
func (d *definitions) deserves(v *ir.Value) bool {
	readers := d.users[v]
	switch {
	case ir.Ops[v.Op].Cond || len(readers) == 0:
		return false
	case len(readers) > 1:
		return d.length(v) >= sharedFormula
	case terms[v.Op] != 0 && terms[v.Op] == terms[readers[0].Op]:
		return d.length(v) > longestTerms
	}
	return d.length(v) > longFormula
}

// terms tells the operations of sums from those of products.
var terms = [ir.NumOps]int{ir.Add: 1, ir.Sub: 1, ir.Mul: 2, ir.Div: 2, ir.Rsqrt: 2}

// length counts the names and numbers that are written for v.
func (d *definitions) length(v *ir.Value) int {
	if n, ok := d.size[v]; ok {
		return n
	}
	n := 0
	if len(v.Args) == 0 {
		n = 1
	}
	for _, a := range v.Args {
		if a = bare(a); d.nameOf(a) != "" {
			n++
		} else {
			n += d.length(a)
		}
	}
	d.size[v] = n
	return n
}

// users lists who reads each value, repetitions left out.
func users(f *ir.Func) map[*ir.Value][]*ir.Value {
	out := map[*ir.Value][]*ir.Value{}
	for _, v := range f.Values {
		if v.Op == ir.Widen {
			continue
		}
		for _, a := range v.Args {
			out[bare(a)] = append(out[bare(a)], v)
		}
	}
	return out
}

// bare is the value under repetitions.
func bare(v *ir.Value) *ir.Value {
	for v.Op == ir.Widen {
		v = v.Args[0]
	}
	return v
}
