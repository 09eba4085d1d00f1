package ir

import (
	"slices"
	"strconv"
	"strings"
)

// Symbol writes a name of l's spec in LaTeX, with an index for each of the axes:
// gamma over C is \gamma_{c}. Greek names are Greek letters, digits at the end
// are a subscript, d before the name of a leaf is a gradient, h or hat after the
// name of an input a hat; other names of several letters are upright.
func (l *Layer) Symbol(name string, axes Axes) string {
	base, sub := l.symbol(name)
	subs := l.indices(axes)
	if sub != "" {
		subs = append([]string{sub}, subs...)
	}
	if len(subs) == 0 {
		return base
	}
	return base + "_{" + strings.Join(subs, ",") + "}"
}

// symbol returns a name without its digits, and these.
func (l *Layer) symbol(name string) (base, sub string) {
	if rest, ok := strings.CutPrefix(name, "d"); ok && l.has(rest, l.Inputs, l.Params, l.Outputs) {
		base, sub = l.symbol(rest)
		return `\mathrm{d}` + base, sub
	}
	for _, suffix := range []string{"hat", "h"} {
		if rest, ok := strings.CutSuffix(name, suffix); ok && l.has(rest, l.Inputs) {
			base, sub = l.symbol(rest)
			return `\hat{` + base + "}", sub
		}
	}
	letters := strings.TrimRight(name, "0123456789")
	sub = name[len(letters):]
	if stem := strings.TrimRight(letters, "_"); sub != "" && stem != "" {
		letters = stem
	}
	return glyph(letters), sub
}

func (l *Layer) has(name string, leaves ...[]*Leaf) bool {
	for _, ls := range leaves {
		for _, x := range ls {
			if x.Name == name {
				return true
			}
		}
	}
	return false
}

// greek are the names that are letters in LaTeX.
var greek = strings.Fields(`alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau
	upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega`)

// short are Greek letters by the names that programs give them.
var short = map[string]string{"eps": "epsilon", "Gam": "Gamma", "Lam": "Lambda"}

// glyph writes letters and underscores.
func glyph(name string) string {
	if letter := short[name]; letter != "" {
		name = letter
	}
	switch {
	case slices.Contains(greek, name):
		return `\` + name
	case len(name) == 1 && name != "_":
		return name
	}
	return `\mathrm{` + strings.ReplaceAll(name, "_", `\_`) + "}"
}

// order lists axes as the first input has them; others follow.
func (l *Layer) order(axes Axes) []int {
	var out []int
	rest := axes
	if len(l.Inputs) > 0 {
		for _, d := range l.Inputs[0].Dims {
			if axes.Has(1 << d) {
				out, rest = append(out, d), rest&^(1<<d)
			}
		}
	}
	for d := range l.Axes {
		if rest.Has(1 << d) {
			out = append(out, d)
		}
	}
	return out
}

// indices lists the index of each axis: c for C.
func (l *Layer) indices(axes Axes) []string {
	var out []string
	for _, d := range l.order(axes) {
		out = append(out, l.index(d))
	}
	return out
}

// index is an axis in lower case, unless another axis is called that.
func (l *Layer) index(d int) string {
	lower := strings.ToLower(l.Axes[d].Name)
	for i, a := range l.Axes {
		if i != d && strings.ToLower(a.Name) == lower {
			return glyph(l.Axes[d].Name)
		}
	}
	return glyph(lower)
}

// latexNumber writes a number: 10^{-5} rather than 1e-05.
func latexNumber(f float64) string {
	mantissa, exponent, ok := strings.Cut(strconv.FormatFloat(f, 'g', -1, 64), "e")
	if !ok {
		return strings.Replace(mantissa, "Inf", `\infty`, 1)
	}
	n, _ := strconv.Atoi(exponent)
	power := "10^{" + strconv.Itoa(n) + "}"
	switch mantissa {
	case "1":
		return power
	case "-1":
		return "-" + power
	}
	return mantissa + ` \cdot ` + power
}
