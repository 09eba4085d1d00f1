package vectors

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
)

// excesses are what cases reach beyond a bound, by layer and precision.
//
// Suite fast is suite hard in fast arithmetic, suite long one row of 2^20 elements.
// In some column every row may be close to its mean: with two rows by chance, in
// fill drift, where all rows rise alike, and where there is but one long row, some
// of whose elements are a millionth of a spread from the mean. Then the terms of
// dgamma are a small part of a spread, while the error of each is a share of a unit
// of the whole spread: that of the row's mean, whose sum is added in storage
// precision.
//
// With channels innermost, a group is reduced over its places and then over its
// channels, and the means between the two are one float64 each: far from zero,
// the group's mean has their rounding beside its own, and its variance the
// squares of means that are each a rounding off.
var excesses = map[string]Excess{
	"zoo/layernorm_2x300_d1_randn32 LayerNorm float64":               {Dgamma: 22.1},
	"hard/layernorm_drift_1000 LayerNorm float32":                    {Dgamma: 95.3},
	"hard/layernorm_drift_32768 LayerNorm float32":                   {Dgamma: 451},
	"long/layernorm_first16_1048576 LayerNorm float32":               {Dgamma: 73522},
	"long/layernorm_spike_1048576 LayerNorm float32":                 {Dgamma: 987322},
	"fast/layernorm_drift_1000 LayerNorm float32":                    {Dgamma: 95.3},
	"fast/layernorm_drift_32768 LayerNorm float32":                   {Dgamma: 452},
	"zoo/groupnorm_2x300_g4_randn GroupNormNSC float64":              {Dgamma: 32.4},
	"autograd/group_norm_000_offset1e4_2x6x5x3 GroupNormNSC float64": {Y: 1470},
	"zoo/groupnorm_2x6x7_g2_tinyvar GroupNormNSC float64":            {States: 35140},
}

// An Excess is how far results go where that is beyond their bounds, in units.
type Excess struct{ Y, Dgamma, States float64 }

// excuse takes off what is on the list of excesses.
func (k *Checker) excuse(e Errors, states float64) (Errors, float64) {
	key := k.Case.String() + " " + k.Route.Layer + " " + k.Name
	known := excesses[key]
	for _, x := range []struct {
		reached     *float64
		most, bound float64
	}{{&e.Y, known.Y, ForwardBound}, {&e.Dgamma, known.Dgamma, ParamBound}, {&states, known.States, StateBound}} {
		if *x.reached > x.bound && *x.reached <= x.most {
			*x.reached = 0
			k.Report.known = append(k.Report.known, key)
		}
	}
	return e, states
}

// Unmet lists the known excesses of the suites that were not met: they are within
// their bounds by now.
func (w *Report) Unmet(suites ...string) []string {
	var out []string
	for key := range excesses {
		for _, s := range suites {
			if strings.HasPrefix(key, s) && !slices.Contains(w.known, key) {
				out = append(out, key)
			}
		}
	}
	return out
}

// A Report collects the worst errors of each operation and format.
type Report struct {
	rows  []*reportRow
	index map[string]*reportRow
	known []string // excesses that were met
}

type reportRow struct {
	op, name string
	steps    int
	err      [5]float64 // y, dx, dgamma, dbeta, states
	at       [5]string
	raw      Errors // with what is free
}

func (w *Report) add(c *Case, name string, i int, e [5]float64, raw Errors) {
	key := c.Op + " " + name
	r := w.index[key]
	if r == nil {
		r = &reportRow{op: c.Op, name: name}
		if w.index == nil {
			w.index = map[string]*reportRow{}
		}
		w.index[key], w.rows = r, append(w.rows, r)
	}
	r.steps++
	for n, v := range e {
		if v > r.err[n] {
			r.err[n], r.at[n] = v, fmt.Sprintf("%s step %d", c.ID, i+1)
		}
	}
	r.raw.Y, r.raw.Dx, r.raw.Dgamma = math.Max(r.raw.Y, raw.Y), math.Max(r.raw.Dx, raw.Dx), math.Max(r.raw.Dgamma, raw.Dgamma)
}

// Worst returns the worst errors of a precision, in units: of outputs, input
// gradients, gradients of parameters, and statistics and states.
func (w *Report) Worst(name string) (y, dx, param, state float64) {
	for _, r := range w.rows {
		if r.name == name {
			y, dx, param, state = max(y, r.err[0]), max(dx, r.err[1]), max(param, r.err[2], r.err[3]), max(state, r.err[4])
		}
	}
	return y, dx, param, state
}

// Summary is the collection without the cases.
func (w *Report) Summary() string {
	var b strings.Builder
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "operation\tprecision\tsteps\ty\tdx\tdgamma\tdbeta\tstatistics and states")
	for _, r := range w.rows {
		fmt.Fprintf(tw, "%s\t%s\t%d\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\n", r.op, r.name, r.steps, r.err[0], r.err[1], r.err[2], r.err[3], r.err[4])
	}
	tw.Flush()
	return b.String()
}

// Table is the collection in Markdown, in units of each format.
func (w *Report) Table() string {
	var b strings.Builder
	b.WriteString("| op | precision | steps | y | dx | dgamma | dbeta | statistics, states | y, dx, dgamma before what is free |\n")
	b.WriteString("|---|---|--:|---|---|---|---|---|---|\n")
	for _, r := range w.rows {
		fmt.Fprintf(&b, "| %s | %s | %d", r.op, r.name, r.steps)
		for n, v := range r.err {
			fmt.Fprintf(&b, " | %.2f", v)
			if r.at[n] != "" {
				fmt.Fprintf(&b, " (%s)", r.at[n])
			}
		}
		fmt.Fprintf(&b, " | %.3g, %.3g, %.3g |\n", r.raw.Y, r.raw.Dx, r.raw.Dgamma)
	}
	return b.String()
}
