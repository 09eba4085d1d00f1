package gocode

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A scope of a reduction over rows: runtime.Scope.
const (
	overRows     = "OverRows"
	overSegment  = "OverSegment"
	overSegments = "OverSegments"
)

// A reduction is a sum or moments over rows, and where the engine has it.
type reduction struct {
	key, of, mask *ir.Value // key is the sum, or the first of the moments
	values        []*ir.Value
	moments       bool
	small         bool // of values below full rank
	scope         string
	index         int // of sums in Block.Acc or Block.Small, of moments in Block.Moment
	panel         int // of moments in Block.Panel or Block.Values; -1: a tensor
}

// reductions lists the reductions over rows of a stage in the engine's order.
func (e *kernelEmitter) reductions(st *plan.Stage) []reduction {
	r := reductionList{e: e}
	r.sums(st.Sums, true, overSegments)
	r.moments(st.Moments, true, overSegments)
	for _, ph := range st.Sweep.Phases {
		r.sums(ph.ColSums, false, "")
		r.moments(ph.ColMoments, false, "")
		r.sums(ph.SmallSums, true, "")
		r.moments(ph.SmallMoments, true, "")
	}
	e.need.Acc = max(e.need.Acc, r.accs)
	e.need.Panel = max(e.need.Panel, r.panels)
	return r.list
}

type reductionList struct {
	e                                 *kernelEmitter
	list                              []reduction
	accs, smalls, momentCount, panels int
	values                            []int // panels of values in use
}

func (r *reductionList) sums(vals []*ir.Value, small bool, scope string) {
	for _, v := range vals {
		n := &r.accs
		if small {
			n = &r.smalls
		}
		red := reduction{key: v, of: v.Args[0], values: []*ir.Value{v}, small: small, scope: r.scope(v, scope), index: *n}
		if len(v.Args) > 1 {
			red.mask = plan.Strip(v.Args[1])
		}
		*n++
		r.list = append(r.list, red)
	}
}

func (r *reductionList) moments(ms []plan.Moments, small bool, scope string) {
	for _, m := range ms {
		red := reduction{key: m.Values[0], of: m.Of, values: m.Values, moments: true, small: small, scope: r.scope(m.Values[0], scope), index: r.momentCount, panel: -1}
		if m.Mask != nil {
			red.mask = plan.Strip(m.Mask)
		}
		r.momentCount++
		switch {
		case small:
			red.panel = r.valuePanel(r.e.unit.Small(m.Of.Axes))
		case m.Of.Op != ir.Load:
			red.panel = r.panels
			r.panels++
		}
		r.list = append(r.list, red)
	}
}

// valuePanel takes a panel of values of a shape that the stage does not use yet.
func (r *reductionList) valuePanel(shape ir.Axes) int {
	e := r.e.emitter
	for i, s := range e.values {
		if s == shape && !slices.Contains(r.values, i) {
			r.values = append(r.values, i)
			return i
		}
	}
	e.values = append(e.values, shape)
	r.values = append(r.values, len(e.values)-1)
	return len(e.values) - 1
}

func (r *reductionList) scope(v *ir.Value, known string) string {
	switch {
	case known != "":
		return known
	case r.e.k.Rank(v) == plan.Seg:
		return overSegment
	}
	return overRows
}

// reductionFields lists where a stage's reductions go.
func (e *kernelEmitter) reductionFields(st *plan.Stage) []field {
	var sums, moments []jen.Code
	for _, r := range e.reductions(st) {
		slot := e.k.Sums[r.key]
		fs := []field{{"Slot", jen.Lit(e.arrays.Index(slot))}}
		if r.moments && r.mask != nil {
			fs = append(fs, field{"Mask", jen.Lit(e.maskIndex(r.mask))})
		}
		if r.small {
			fs = append(fs, field{"Small", jen.True()}, field{"Shape", jen.Lit(e.shape(slot.Shape))})
		}
		if r.scope != overRows {
			fs = append(fs, field{"Scope", jen.Qual(runtimePath, r.scope)})
		}
		if r.moments {
			moments = append(moments, record(fs...))
		} else {
			sums = append(sums, record(fs...))
		}
	}
	var out []field
	if len(sums) > 0 {
		out = append(out, field{"Sums", jen.Index().Qual(runtimePath, "Sum").Values(sums...)})
	}
	if len(moments) > 0 {
		out = append(out, field{"Moments", jen.Index().Qual(runtimePath, "Moment").Values(moments...)})
	}
	return out
}
