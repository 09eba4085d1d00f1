package diff

import (
	"slices"
	"strings"
)

var maskNames = [maskings]string{unmasked: "without a mask", masked: "with a mask", empty: "with a mask that keeps nothing"}

// situations says where a region is, one line for each part of it that does
// not read together: "train: at steps 1 to 10000 (b.W)". A region that is
// everything is "always".
func (c *comparison) situations(r region) []string {
	if len(r) == len(c.cells()) {
		return []string{"always"}
	}
	var lines []string
	for mode, m := range c.a.layer.Modes {
		for _, line := range c.inMode(r, mode) {
			lines = append(lines, m.Name+line)
		}
	}
	if n := len(lines) / 2; len(lines) == 2*n {
		train, eval := lines[:n], lines[n:]
		if slices.EqualFunc(train, eval, func(x, y string) bool { return strings.TrimPrefix(x, "train") == strings.TrimPrefix(y, "eval") }) {
			for i := range train {
				train[i] = strings.TrimPrefix(strings.TrimPrefix(train[i], "train"), ", ")
			}
			return train
		}
	}
	return lines
}

// inMode groups the maskings with the same steps.
func (c *comparison) inMode(r region, mode int) []string {
	var order []string // of steps
	at := map[string][]masking{}
	n := 0
	for m := range maskings {
		if m != unmasked && len(c.masks) == 0 {
			continue
		}
		n++
		if steps := c.stepsIn(r, mode, m); steps != "" {
			if at[steps] == nil {
				order = append(order, steps)
			}
			at[steps] = append(at[steps], m)
		}
	}
	var lines []string
	for _, steps := range order {
		line := ""
		if len(at[steps]) < n {
			line = ", " + maskName(at[steps], len(order) == 1)
		}
		if steps != everyStep || len(order) > 1 {
			line += ", " + steps
		}
		lines = append(lines, line)
	}
	return lines
}

// maskName names one or two of the three maskings.
func maskName(ms []masking, only bool) string {
	var name string
	switch {
	case slices.Equal(ms, []masking{unmasked, masked}):
		return "unless a mask keeps nothing"
	case slices.Equal(ms, []masking{masked, empty}):
		name = maskNames[masked]
	case len(ms) == 1:
		name = maskNames[ms[0]]
	default:
		name = "unless a mask keeps something"
	}
	if only && !strings.HasPrefix(name, "unless") {
		return "only " + name
	}
	return name
}

const everyStep = "at every step"

// stepsIn names the steps of a region: all, up to one, from one on, or a list.
// Between two steps that were tried, nothing is known to change.
func (c *comparison) stepsIn(r region, mode int, m masking) string {
	var in []int
	for i, s := range c.steps {
		if _, ok := r[cell{mode, m, s}]; ok {
			in = append(in, i)
		}
	}
	if len(in) == 0 {
		return ""
	}
	first, last := in[0], in[len(in)-1]
	switch run := last-first+1 == len(in); {
	case len(in) == len(c.steps):
		return everyStep
	case len(in) == 1 && last < len(c.steps)-1:
		return "only at step " + c.stepName(c.steps[first])
	case run && first == 0:
		return "up to step " + c.stepName(c.steps[last])
	case run && last == len(c.steps)-1:
		return "from step " + c.stepName(c.steps[first]) + " on"
	case run:
		return "from step " + c.stepName(c.steps[first]) + " to " + c.stepName(c.steps[last])
	}
	var names []string
	for _, i := range in {
		names = append(names, c.stepName(c.steps[i]))
	}
	return "at steps " + strings.Join(names, ", ")
}
