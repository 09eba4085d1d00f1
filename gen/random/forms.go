package random

import (
	"slices"
	"strings"
)

// A form is an arrangement of axes: which statistics run over what, and which
// tensors, parameters and states there may be. Lists of axes are written as in specs.
type form struct {
	knobs      []string // that are sizes
	axis       string   // the axis items
	x          string   // axes of the first input
	dots       string   // the axis that is variadic, or ""
	products   map[string]string
	reductions []string // axes that statistics run over, the likely ones
	masks      []string
	params     []string // "" is a number
	anchor     string   // axes of a parameter that must be there, so that columns are what they are; "-": none
	states     []string
	sides      []string // axes of other inputs
	segments   string   // axes of a segment's own value, which may be an output
}

// forms are the arrangements that plans know.
var forms = []form{
	{x: "N, C", dots: "N", reductions: []string{"C", "C", "N", "N", "N, C"}, masks: []string{"N"}, params: []string{"", "C"}, states: []string{"", "C"}, sides: []string{"N, C"}, anchor: "-"},
	{x: "R, C", dots: "R", reductions: []string{"C"}, params: []string{"", "C"}, sides: []string{"R, C"}, anchor: "-"},
	{x: "T, B, C", reductions: []string{"C", "T, B", "T, B", "T, B, C"}, masks: []string{"B, T", "T, B"}, params: []string{"", "C"}, states: []string{"", "C"}, sides: []string{"T, B, C"}, anchor: "C"},
	{x: "B, T, C", reductions: []string{"T", "T", "C", "T, C", "B, T", "B, T, C"}, masks: []string{"B, T", "B", "T"}, params: []string{"", "C"}, states: []string{"", "C"}, sides: []string{"B, T, C", "B, C", "B"}, anchor: "C", segments: "B, C"},
	{knobs: []string{"K"}, axis: "C = K*D", products: map[string]string{"C": "K, D"}, x: "N, C", dots: "N", reductions: []string{"D", "D", "C", "N", "N, C", "N, D"}, masks: []string{"N"}, params: []string{"", "C", "K", "D"}, states: []string{"", "C", "K", "D"}, sides: []string{"N, C"}, anchor: "-"},
	{knobs: []string{"K", "M"}, axis: "C = K*M*D", products: map[string]string{"C": "K, M, D"}, x: "R, C", dots: "R", reductions: []string{"D", "M, D", "C"}, params: []string{"", "C", "M", "K, D", "K"}, sides: []string{"R, C"}, anchor: "-"},
	{x: "N, C, S", dots: "S", reductions: []string{"S", "S", "C, S", "N, S", "N, C, S"}, masks: []string{"N"}, params: []string{"", "C"}, states: []string{"", "C"}, sides: []string{"N, C, S"}, anchor: "C"},
	{knobs: []string{"K"}, axis: "C = K*D", products: map[string]string{"C": "K, D"}, x: "N, C, S", reductions: []string{"S", "D, S", "D, S", "C, S", "N, S", "N, D, S"}, masks: []string{"N"}, params: []string{"", "C", "K", "D", "S"}, states: []string{"", "C", "K"}, sides: []string{"N, C, S"}, anchor: "C"},
	{knobs: []string{"K"}, axis: "C = K*D", products: map[string]string{"C": "K, D"}, x: "N, S, C", reductions: []string{"S", "S, D", "S, D", "D", "C", "S, C", "N, S", "N, S, D"}, masks: []string{"N, S", "N"}, params: []string{"", "C", "K", "D"}, states: []string{"", "C", "K"}, sides: []string{"N, S, C", "N, C", "N, K"}, anchor: "C", segments: "N, C"},
	{x: "A, O, I", reductions: []string{"I", "A, I", "A, O, I"}, params: []string{"", "O"}, sides: []string{"A, O, I"}, anchor: "O"},
	{x: "O, I", dots: "I", reductions: []string{"I", "O, I"}, params: []string{"", "O"}, sides: []string{"O, I"}, anchor: "O"},
	{axis: "W = 4", x: "N, C", dots: "N", reductions: []string{"N", "N", "C", "N, C"}, masks: []string{"N"}, params: []string{"", "C"}, states: []string{"C", "W, C", "W"}, sides: []string{"N, C"}, anchor: "-"},
}

// atoms is a list of axes with products taken apart.
func (f *form) atoms(list string) axes {
	out := axes{}
	for _, a := range split(list) {
		if p, ok := f.products[a]; ok {
			for _, b := range split(p) {
				out[b] = true
			}
			continue
		}
		out[a] = true
	}
	return out
}

// write is the other way, in the order of memory: whole products by their name.
func (f *form) write(a axes) string {
	var out []string
	for _, x := range split(f.x) {
		p, ok := f.products[x]
		if ok && !a.has(f.atoms(x)) {
			for _, b := range split(p) {
				if a[b] {
					out = append(out, b)
				}
			}
			continue
		}
		if ok || a[x] {
			out = append(out, x)
		}
	}
	return strings.Join(out, ", ")
}

// bracket is the declaration of a tensor.
func (f *form) bracket(list string) string {
	if list == "" {
		return ""
	}
	parts := split(list)
	for i, a := range parts {
		if a == f.dots {
			parts[i] += "..."
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// plain is the declaration of a parameter, mask, state or statistic.
func plain(list string) string {
	if list == "" {
		return ""
	}
	return "[" + list + "]"
}

// single lists the axes of the form that are not products.
func (f *form) single() []string {
	var out []string
	for _, a := range split(f.x) {
		if p, ok := f.products[a]; ok {
			out = append(out, split(p)...)
		} else {
			out = append(out, a)
		}
	}
	return out
}

// columns are the axes of the columns: the last, and those from the anchor on.
func (w *writer) columns() axes {
	list := split(w.form.x)
	first := len(list) - 1
	if i := slices.Index(list, w.form.anchor); i >= 0 {
		first = i
	}
	return w.form.atoms(strings.Join(list[first:], ", "))
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ", ")
}

// axes is a set of axes that are not products.
type axes map[string]bool

func (a axes) has(b axes) bool {
	for x := range b {
		if !a[x] {
			return false
		}
	}
	return true
}

func (a axes) or(b axes) axes {
	out := axes{}
	for _, s := range []axes{a, b} {
		for x := range s {
			out[x] = true
		}
	}
	return out
}

func (a axes) without(b axes) axes {
	out := axes{}
	for x := range a {
		if !b[x] {
			out[x] = true
		}
	}
	return out
}
