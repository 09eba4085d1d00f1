package interval

import (
	"fmt"
	"math"

	"github.com/normgen/normgen/gen/ir"
)

// constants finds numbers that the format does not hold, other than those that
// explain a finding.
func (c *checker) constants() {
	for _, v := range c.f.Values {
		if c.reached[v] && !c.explained[v] {
			c.constant(v)
		}
	}
}

// explain notes that a finding about v has named its constants.
func (c *checker) explain(v *ir.Value) {
	if c.explained[v] {
		return
	}
	c.explained[v] = true
	for _, a := range v.Args {
		c.explain(a)
	}
}

func (c *checker) constant(v *ir.Value) {
	x, ok := number(v)
	if !ok || x == 0 {
		return
	}
	rule := fmt.Sprintf("a number fits into %s, ", c.Name)
	limits := fmt.Sprintf("%s has all digits from %.2g to %.2g", c.Name, c.Normal, c.Max)
	switch {
	case math.Abs(x) > c.Max:
		c.report(Constant, v, rule+literal(v, x)+" is infinite there", limits)
	case c.round(x) == 0:
		c.report(Constant, v, rule+literal(v, x)+" is 0 there", limits)
	case math.Abs(x) < c.Normal:
		c.report(Constant, v, rule+literal(v, x)+" has few digits there", limits)
	}
}

// number returns the value of a constant or knob.
func number(v *ir.Value) (float64, bool) {
	switch {
	case v.Op == ir.Const:
		return v.F, true
	case v.Op == ir.Load && v.Leaf.Kind == ir.KnobLeaf:
		return v.Leaf.Init, true
	}
	return 0, false
}

// literal writes the constant or knob v, which is x.
func literal(v *ir.Value, x float64) string {
	if v.Name != "" {
		return fmt.Sprintf("%s = %g", v.Name, x)
	}
	return fmt.Sprint(x)
}

// value writes a, which is always x.
func (c *checker) value(a *ir.Value, x Interval) string {
	if _, ok := number(strip(a)); ok && strip(a).Name == "" {
		return fmt.Sprint(x.Lo)
	}
	return fmt.Sprintf("%s = %g", c.text(a), x.Lo)
}

// vanish finds a constant that is lost in every sum it is added to.
func (c *checker) vanish(v *ir.Value, s *scope) {
	if v.Op != ir.Add && v.Op != ir.Sub {
		return
	}
	for i, a := range v.Args {
		b := v.Args[1-i]
		x, y := s.of(a), s.of(b)
		if !x.isPoint() || x.Lo == 0 || math.Abs(x.Lo) >= y.smallest() || y.infinite() {
			continue
		}
		m, d := c.round(y.smallest()), math.Abs(x.Lo)
		if c.round(m+d) != m || c.round(m-d) != m {
			continue
		}
		beside := c.text(b)
		if _, ok := number(strip(b)); !ok {
			beside += fmt.Sprintf(", which is %.3g or more", y.smallest())
		}
		c.report(Vanish, v, fmt.Sprintf("a term of a sum changes it, %s is lost in %s beside %s", c.value(a, x), c.Name, beside), "add it where the sum may be as small, for example inside the root or before the max, or leave it out")
		return
	}
}
