package plan

import (
	"fmt"

	"github.com/normgen/normgen/gen/ir"
)

// A builder plans one kernel.
type builder struct {
	space
	k       *Kernel
	stage   map[*ir.Value]int // first sweep (full, row, group) or column step (column) where the value can be had
	phase   map[*ir.Value]int // phase inside its stage
	needed  map[*ir.Value]bool
	crosses map[*ir.Value]bool // row and group values read back from their arrays
	saves   []*ir.Value
	stages  int
}

// buildKernel plans f. The values in given are read from their slots; those in
// saves are kept for a later kernel; slots allots both.
func buildKernel(sp space, name string, f *ir.Func, given map[*ir.Value]Slot, saves []*ir.Value, slots *Slots) (*Kernel, error) {
	b := &builder{space: sp, saves: saves,
		stage: map[*ir.Value]int{}, phase: map[*ir.Value]int{},
		needed: map[*ir.Value]bool{}, crosses: map[*ir.Value]bool{}}
	b.k = &Kernel{Name: name, Func: f, sp: sp, Given: given, Slot: map[*ir.Value]Slot{}, Wide: map[*ir.Value]Slot{}, Sums: map[*ir.Value]Slot{},
		width: map[*ir.Value]Width{}, op: map[*ir.Value]Width{}, rank: map[*ir.Value]Rank{}}
	b.need()
	for _, pass := range []func() error{b.classify, b.schedule, b.sweeps} {
		if err := pass(); err != nil {
			return nil, err
		}
	}
	b.rowSlots(slots)
	b.widths()
	b.columns(slots)
	return b.k, nil
}

// need marks what the outputs and saves depend on, without looking behind
// given values.
func (b *builder) need() {
	for _, o := range b.k.Func.Outs {
		b.mark(o.Value)
	}
	for _, v := range b.saves {
		b.mark(v)
	}
}

func (b *builder) mark(v *ir.Value) {
	if b.needed[v] {
		return
	}
	b.needed[v] = true
	if b.isGiven(v) {
		return
	}
	for _, a := range v.Args {
		b.mark(a)
	}
}

func (b *builder) isGiven(v *ir.Value) bool {
	_, ok := b.k.Given[v]
	return ok
}

// values lists the needed values in dependency order.
func (b *builder) values() []*ir.Value {
	var out []*ir.Value
	for _, v := range b.k.Func.Values {
		if b.needed[v] {
			out = append(out, v)
		}
	}
	return out
}

// classify gives every needed value its rank.
func (b *builder) classify() error {
	for _, v := range b.values() {
		r, err := b.rankOf(v.Axes)
		if err != nil {
			return b.layer.Refuse(v.Line, "%s %s", describe(v), err)
		}
		b.k.rank[v] = r
	}
	return nil
}

func describe(v *ir.Value) string {
	if v.Name != "" {
		return v.Name
	}
	return fmt.Sprintf("v%d (%s)", v.ID, ir.Ops[v.Op].Name)
}

// schedule finds the stage of every value and, for what is computed along the
// rows, its phase.
func (b *builder) schedule() error {
	for _, v := range b.values() {
		if err := b.place(v); err != nil {
			return err
		}
		b.stages = max(b.stages, b.sweepsFor(v))
	}
	for _, o := range b.k.Func.Outs {
		if b.k.rank[o.Value] == Full {
			b.stages = max(b.stages, b.stage[o.Value]+1)
		}
	}
	return nil
}

// sweepsFor returns how many sweeps v forces.
func (b *builder) sweepsFor(v *ir.Value) int {
	switch b.k.rank[v] {
	case Full, Row, Group:
		if isLeaf(v) || b.isGiven(v) || v.Op == ir.Widen {
			return 0
		}
		return b.stage[v] + 1
	}
	return b.stage[v]
}

func (b *builder) place(v *ir.Value) error {
	if isLeaf(v) || b.isGiven(v) {
		return nil
	}
	for _, a := range v.Args {
		b.stage[v] = max(b.stage[v], b.stage[a])
	}
	if err := b.checkDomain(v); err != nil {
		return err
	}
	if isReduction(v) {
		return b.placeReduction(v)
	}
	for _, a := range v.Args {
		b.phase[v] = max(b.phase[v], b.phaseAt(a, b.stage[v]))
	}
	return nil
}

// phaseAt is the phase from which a can be used in the sweep of stage s.
func (b *builder) phaseAt(a *ir.Value, s int) int {
	if b.stage[a] < s {
		return 0
	}
	return b.phase[a]
}

func (b *builder) placeReduction(v *ir.Value) error {
	from, to := b.k.rank[v.Args[0]], b.k.rank[v]
	s := b.stage[v]
	switch {
	case (to == Row || to == Group) && len(v.Args) > 1:
		return b.layer.Refuse(v.Line, "the reduction %s inside a row has a domain that the plan cannot select", describe(v))
	case v.Op == ir.MaxOf:
		return b.layer.Refuse(v.Line, "the largest of %s has no schedule", describe(v.Args[0]))
	case from == Full && (to == Row || to == Group):
		b.phase[v] = b.phaseAt(v.Args[0], s) + 1
	case from == Full && to == Col:
		b.stage[v] = s + 1
	default:
		return b.layer.Refuse(v.Line, "the reduction %s over %s of a value over %s has no schedule", describe(v), b.names(v.Over), b.names(v.Args[0].Axes))
	}
	return nil
}

// checkDomain refuses sizes, counts, positions and masks that a kernel has no
// number for: it knows its rows, columns and groups, and declared masks.
func (b *builder) checkDomain(v *ir.Value) error {
	rows, cols := v.Over&b.rows, v.Over&b.cols
	whole := (rows == 0 || rows == b.rows) && (cols == 0 || cols == b.cols || cols == b.groups || cols == b.cols&^b.groups)
	switch {
	case (v.Op == ir.Size || v.Op == ir.Count) && !whole:
		return b.layer.Refuse(v.Line, "the kernels do not know the size of %s alone", b.names(v.Over))
	case v.Op == ir.Index && v.Over != b.cols:
		return b.layer.Refuse(v.Line, "the kernels know the position along %s, not along %s", b.names(b.cols), b.names(v.Over))
	}
	if m := v.Mask(); m != nil && v.Op != ir.Sum {
		if m = Strip(m); b.k.rank[m] == Row && m.Op != ir.Load {
			return b.layer.Refuse(v.Line, "a domain over rows is a declared mask, %s is computed", describe(m))
		}
	}
	return nil
}
