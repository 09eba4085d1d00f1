package plan

import "github.com/normgen/normgen/gen/ir"

// sweeps fills the stages with their phases.
func (b *builder) sweeps() error {
	for s := range b.stages {
		sw, err := b.sweep(s)
		if err != nil {
			return err
		}
		b.k.Stages = append(b.k.Stages, &Stage{Sweep: sw})
	}
	return nil
}

// sweep collects the roots of stage s, phase by phase, and what they need.
func (b *builder) sweep(s int) (*Sweep, error) {
	sw := &Sweep{}
	phases := map[int]*Phase{}
	at := func(p int) *Phase {
		if phases[p] == nil {
			phases[p] = &Phase{}
		}
		return phases[p]
	}
	last := 0
	for _, v := range b.values() {
		if p, ok := b.addRoot(v, s, at); ok {
			last = max(last, p)
		}
	}
	last = max(last, b.lastStore(s))
	for _, o := range b.k.Func.Outs {
		if b.k.rank[o.Value] == Full && b.stage[o.Value] == s {
			at(last).Stores = append(at(last).Stores, Store{o.Leaf, o.Value})
		}
	}
	for p := 0; p <= last; p++ {
		if ph := phases[p]; ph != nil {
			b.body(ph)
			if err := b.group(ph); err != nil {
				return nil, err
			}
			sw.Phases = append(sw.Phases, ph)
		}
	}
	sw.Reads, sw.Writes = traffic(sw)
	return sw, nil
}

// lastStore is the phase from which every output of stage s can be stored. All
// are stored in the sweep's last phase, so that nothing of the row is read after
// it was written and an output may be an input.
func (b *builder) lastStore(s int) int {
	last := 0
	for _, o := range b.k.Func.Outs {
		if b.k.rank[o.Value] == Full && b.stage[o.Value] == s {
			last = max(last, b.phaseAt(o.Value, s))
		}
	}
	return last
}

// addRoot adds v to its phase if it is a reduction or scalar of stage s.
// Scalars follow the loop whose reductions they use, so they belong to the
// phase before the one in which they can be used; those that wait for no
// reduction of the sweep come with the first phase.
func (b *builder) addRoot(v *ir.Value, s int, at func(int) *Phase) (int, bool) {
	if isLeaf(v) || b.isGiven(v) || v.Op == ir.Widen {
		return 0, false
	}
	rank := b.k.rank[v]
	switch {
	case isReduction(v) && rank == Col && b.stage[v] == s+1:
		p := b.phaseAt(v.Args[0], s)
		ph := at(p)
		if isMoment(v) {
			ph.ColMoments = addMoment(ph.ColMoments, v)
		} else {
			ph.ColSums = append(ph.ColSums, v)
		}
		return p, true
	case (rank == Row || rank == Group) && b.stage[v] == s:
		return b.addRowRoot(v, at), true
	}
	return 0, false
}

func (b *builder) addRowRoot(v *ir.Value, at func(int) *Phase) int {
	p := b.phase[v]
	switch {
	case isMoment(v):
		at(p - 1).RowMoments = addMoment(at(p-1).RowMoments, v)
	case isReduction(v):
		at(p - 1).RowSums = append(at(p-1).RowSums, v)
	case p == 0:
		at(0).Head = append(at(0).Head, v)
	default:
		at(p - 1).Tail = append(at(p-1).Tail, v)
	}
	return max(p-1, 0)
}

// addMoment adds v to the moments of the same value and domain.
func addMoment(ms []Moments, v *ir.Value) []Moments {
	var mask *ir.Value
	if len(v.Args) > 1 {
		mask = v.Args[1]
	}
	for i := range ms {
		if ms[i].Of == v.Args[0] && ms[i].Over == v.Over && ms[i].Mask == mask {
			ms[i].Values = append(ms[i].Values, v)
			return ms
		}
	}
	return append(ms, Moments{v.Args[0], v.Over, mask, []*ir.Value{v}})
}

// body lists the full values that the phase's roots need.
func (b *builder) body(ph *Phase) {
	in := map[*ir.Value]bool{}
	for _, r := range ph.roots() {
		b.collect(r, in)
	}
	for _, v := range b.k.Func.Values {
		if in[v] {
			ph.Body = append(ph.Body, v)
		}
	}
}

// roots lists the full values a phase reduces or stores.
func (ph *Phase) roots() []*ir.Value {
	var out []*ir.Value
	for _, v := range append(append([]*ir.Value{}, ph.RowSums...), ph.ColSums...) {
		out = append(out, v.Args[0])
	}
	for _, m := range append(append([]Moments{}, ph.RowMoments...), ph.ColMoments...) {
		out = append(out, m.Of)
	}
	for _, st := range ph.Stores {
		out = append(out, st.Value)
	}
	return out
}

func (b *builder) collect(v *ir.Value, in map[*ir.Value]bool) {
	if in[v] || b.k.rank[v] != Full || v.Op == ir.Widen {
		return
	}
	in[v] = true
	for _, a := range v.Args {
		b.collect(a, in)
	}
}

// group decides whether the phase's loop runs group by group, and refuses a
// phase that would need both: a lane tree over the whole row cannot restart at
// each group.
func (b *builder) group(ph *Phase) error {
	whole := false
	for _, v := range ph.RowSums {
		ph.Grouped = ph.Grouped || b.k.rank[v] == Group
		whole = whole || b.k.rank[v] == Row
	}
	for _, m := range ph.RowMoments {
		ph.Grouped = ph.Grouped || b.k.rank[m.Values[0]] == Group
		whole = whole || b.k.rank[m.Values[0]] == Row
	}
	for _, v := range ph.Body {
		for _, a := range v.Args {
			ph.Grouped = ph.Grouped || b.k.rank[Strip(a)] == Group
		}
	}
	for _, v := range append(append([]*ir.Value{}, ph.Head...), ph.Tail...) {
		ph.Grouped = ph.Grouped || b.k.rank[v] == Group
	}
	if ph.Grouped && whole {
		return b.layer.Refuse(ph.Body[0].Line, "one loop reduces over a row and over groups of it")
	}
	return nil
}

// traffic lists the tensors a sweep reads and writes, each once.
func traffic(sw *Sweep) (reads, writes []*ir.Leaf) {
	seen := map[*ir.Leaf]bool{}
	for _, ph := range sw.Phases {
		for _, v := range ph.Body {
			if v.Op == ir.Load && !seen[v.Leaf] {
				seen[v.Leaf] = true
				reads = append(reads, v.Leaf)
			}
		}
		for _, st := range ph.Stores {
			writes = append(writes, st.Leaf)
		}
	}
	return reads, writes
}
