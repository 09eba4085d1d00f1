package ir

import (
	"fmt"
	"strings"
)

// A factor is a power of a value: times is the exponent, or twice the exponent
// if the value is under a root.
type factor struct {
	v     *Value
	root  bool
	times int
	mean  bool // a sum that the count of its domain divides
}

// A product is factors over factors.
type product struct{ over, under []*factor }

// product writes products and quotients as one fraction, the factors that are
// multiplied over those that divide, with equal ones as powers. Reductions stand
// behind it, where what follows their sign is theirs.
func (e *equation) product(v *Value) string {
	p := &product{}
	e.collect(p, v, true)
	p.means()
	plain, reductions := e.split(p.over)
	var parts []string
	switch {
	case len(p.under) > 0:
		parts = append(parts, `\frac{`+e.factors(plain, len(plain) == 1)+"}{"+e.factors(p.under, len(p.under) == 1)+"}")
	case len(plain) > 0:
		parts = append(parts, e.factors(plain, false))
	}
	if len(reductions) > 0 {
		parts = append(parts, e.factors(reductions, len(reductions) == 1))
	}
	if len(parts) == 0 {
		return "1"
	}
	return strings.Join(parts, times)
}

const times = ` \, `

// collect takes v apart as far as nothing has a name, and as the length of the
// equation allows; top is v itself.
func (e *equation) collect(p *product, v *Value, top bool) {
	v = strip(v)
	e.left--
	whole := !top && e.name(e.Layer, v) != "" || e.left < 0
	switch {
	case !whole && v.Op == Mul:
		e.collect(p, v.Args[0], false)
		e.collect(p, v.Args[1], false)
	case !whole && v.Op == Div:
		e.collect(p, v.Args[0], false)
		q := &product{}
		e.collect(q, v.Args[1], false)
		p.over, p.under = merged(p.over, q.under), merged(p.under, q.over)
	case !whole && v.Op == Rsqrt:
		p.under = merged(p.under, []*factor{{v: strip(v.Args[0]), root: true, times: 1}})
	case !isOne(v):
		p.over = merged(p.over, []*factor{{v: v, times: 1}})
	}
}

// merged adds factors; those that are there become powers.
func merged(fs, more []*factor) []*factor {
next:
	for _, f := range more {
		for _, g := range fs {
			if g.v == f.v && g.root == f.root {
				g.times += f.times
				continue next
			}
		}
		fs = append(fs, f)
	}
	return fs
}

// means finds the sums that the count of their own domain divides.
func (p *product) means() {
	for _, f := range p.over {
		for i, c := range p.under {
			if f.v.Op == Sum && c.v.Op == Count && f.times == 1 && c.times == 1 && !c.root &&
				c.v.Over == f.v.Over && c.v.Mask() == f.v.Mask() {
				f.mean = true
				p.under = append(p.under[:i:i], p.under[i+1:]...)
				break
			}
		}
	}
}

// split tells the reductions from the other factors.
func (e *equation) split(fs []*factor) (plain, reductions []*factor) {
	for _, f := range fs {
		if f.v.Op.Reduces() && f.times == 1 && (f.mean || e.name(e.Layer, f.v) == "") {
			reductions = append(reductions, f)
		} else {
			plain = append(plain, f)
		}
	}
	return plain, reductions
}

// factors writes a product of powers; alone, nothing beside it can pull it apart.
func (e *equation) factors(fs []*factor, alone bool) string {
	if len(fs) == 0 {
		return "1"
	}
	var out []string
	for _, f := range fs {
		out = append(out, e.power(f, alone))
	}
	return strings.Join(out, times)
}

func (e *equation) power(f *factor, alone bool) string {
	s := ""
	if f.mean {
		s = e.reduction(f.v, true)
	} else {
		s = e.write(f.v)
	}
	if f.root && f.times == 1 {
		return `\sqrt{` + s + "}"
	}
	named := e.name(e.Layer, f.v) != "" && !f.mean
	exponent, half := f.times, ""
	if f.root && f.times%2 == 1 {
		half = "/2"
	} else if f.root {
		exponent /= 2
	}
	one := exponent == 1 && half == ""
	if n := e.binding(f.v); !named && n > 0 && (!one || !alone && n < latexBinding[Mul]) {
		s = e.group(s)
	}
	if one {
		return s
	}
	return fmt.Sprintf("%s^{%d%s}", s, exponent, half)
}
