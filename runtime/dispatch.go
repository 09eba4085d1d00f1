package runtime

import "slices"

// An Assembly holds the sweeps of a spec that are written in one ISA, and steps that
// have loops in it, by the names of the functions that they stand in for and have the
// bits of.
type Assembly struct {
	ISA     ISA
	Sweeps  map[string]func(b *Block[float32])
	Columns map[string]func(f *Frame[float32])
	Begins  map[string]func(b *Block[float32])
}

// A dispatch chooses the sweeps of a layer: tables are those it may use, best first.
type dispatch struct {
	tables []Assembly
	used   ISA // the best that was chosen
}

// newDispatch admits the assembly of float32 layers that ISA best can run.
func newDispatch[T Float](s *Spec[T], best ISA) dispatch {
	var d dispatch
	if _, ok := any(s).(*Spec[float32]); !ok {
		return d
	}
	for _, a := range s.Assembly {
		if a.ISA <= best {
			d.tables = append(d.tables, a)
		}
	}
	slices.SortStableFunc(d.tables, func(a, b Assembly) int { return int(b.ISA) - int(a.ISA) })
	return d
}

// choose returns the best sweep of a stage.
func choose[T Float](d *dispatch, s *Stage[T]) (func(b *Block[T]), ISA) {
	for _, a := range d.tables {
		if f, ok := any(a.Sweeps[s.Name]).(func(b *Block[T])); ok && f != nil {
			d.used = max(d.used, a.ISA)
			return f, a.ISA
		}
	}
	return s.Sweep, Portable
}

// chooseColumns returns the best form of a step over columns, which is given in Go.
func chooseColumns[T Float](d *dispatch, name string, portable func(f *Frame[T])) func(f *Frame[T]) {
	for _, a := range d.tables {
		if f, ok := any(a.Columns[name]).(func(f *Frame[T])); ok && f != nil {
			return f
		}
	}
	return portable
}

// chooseBegin returns the best form of a stage's step over the values of a segment.
func chooseBegin[T Float](d *dispatch, s *Stage[T]) func(b *Block[T]) {
	for _, a := range d.tables {
		if f, ok := any(a.Begins[s.BeginName]).(func(b *Block[T])); ok && f != nil {
			return f
		}
	}
	return s.Begin
}

// ISA returns the best ISA that a sweep of the layer is written in.
func (l *LayerOf[T]) ISA() ISA { return l.program.isa }

// A KernelInfo says what a pass runs over the rows of one of its stages.
type KernelInfo struct {
	Pass  string // forward, backward, frozen forward, frozen backward or infer; masked ones say so
	Stage int    // of the pass, from 1
	Sweep string // the name of the stage's Go function; empty if it does not say
	ISA   ISA
}

// Kernels lists the sweeps of the layer in the order of its spec. A spec that
// distinguishes cases, such as a warm-up, has several of a pass.
func (l *LayerOf[T]) Kernels() []KernelInfo {
	p, s := &l.program, l.spec
	out := listVariants(nil, [2]string{"forward", "backward"}, p.train)
	if s.Frozen != nil {
		out = listVariants(out, [2]string{"frozen forward", "frozen backward"}, p.frozen)
	}
	return listVariants(out, [2]string{forward: "infer"}, p.infer)
}

func listVariants[T Float](out []KernelInfo, pass [2]string, variants []variant[T]) []KernelInfo {
	for _, v := range variants {
		for p := range v.kernels {
			name := pass[p]
			if v.masked {
				name = "masked " + name
			}
			out = listStages(out, name, v.kernels[p].groups)
		}
	}
	return out
}

func listStages[T Float](out []KernelInfo, pass string, groups []group[T]) []KernelInfo {
	i := 0
	for _, g := range groups {
		for _, st := range g {
			if i++; st.sweep != nil {
				out = append(out, KernelInfo{Pass: pass, Stage: i, Sweep: st.Name, ISA: st.isa})
			}
		}
	}
	return out
}
