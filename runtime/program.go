package runtime

// A program is what the engine works out of a spec once: which stages run
// together, and where their reductions lie.
type program[T Float] struct {
	train     []variant[T]
	frozen    []variant[T]
	infer     []variant[T]
	isa       ISA            // the best that a sweep is written in
	rooms     [][scopes]room // of the trees of each stage of a group
	smalls    int            // the most small sums of a stage
	moments   int            // the most moments
	tensors   [2]signature   // by phase
	kept      []TensorSpec   // what a backward reads besides the cotangents
	statRanks []ResultRank
	unbiased  []int // statistics
	cache     int64 // bytes of the last cache
}

// A variant is a Variant, its kernels by phase.
type variant[T Float] struct {
	masked  bool
	when    func(knob []float64, step float64) bool // nil: always
	kernels [2]kernel[T]
}

// A kernel is a Kernel whose stages are grouped.
type kernel[T Float] struct {
	*Kernel[T]
	groups []group[T]
	finish func(f *Frame[T]) // Finish, or assembly
}

// A signature is the tensors of a pass.
type signature struct{ in, out []TensorSpec }

// A group is a run of linked stages: one trip over the rows, segment by segment.
type group[T Float] []stage[T]

// A stage is a Stage with the places of its reductions and the functions that were
// chosen for it.
type stage[T Float] struct {
	*Stage[T]
	columns func(f *Frame[T]) // the three functions of the stage, or assembly
	begin   func(b *Block[T])
	sweep   func(b *Block[T])
	isa     ISA // of the sweep
	layouts [scopes]layout
	sums    []place // index in Block.Acc or Block.Small
	moments []place // index among the moments of its scope

	reduces      bool // over rows or segments: blocks go to the trees in order
	accs, smalls int
}

func newProgram[T Float](s *Spec[T], extent []int, best ISA) program[T] {
	p := program[T]{kept: s.Inputs, statRanks: make([]ResultRank, len(s.Stats))}
	if s.KeepsOutputs {
		p.kept = append(append([]TensorSpec{}, s.Inputs...), s.Outputs...)
	}
	var grads []TensorSpec
	for _, i := range s.Grads {
		grads = append(grads, s.Inputs[i])
	}
	for i, st := range s.Stats {
		if st.Unbiased {
			p.unbiased = append(p.unbiased, i)
		}
	}
	p.cache, _ = lastCache()
	p.tensors[forward] = signature{s.Inputs, s.Outputs}
	p.tensors[backward] = signature{append(append([]TensorSpec{}, s.Outputs...), p.kept...), grads}
	d := newDispatch(s, best)
	p.train = p.variants(s, s.Train, extent, &d)
	p.frozen, p.infer = p.train, p.variants(s, s.Infer, extent, &d)
	if s.Frozen != nil {
		p.frozen = p.variants(s, s.Frozen, extent, &d)
	}
	p.isa = d.used
	return p
}

func (p *program[T]) variants(s *Spec[T], list []Variant[T], extent []int, d *dispatch) []variant[T] {
	out := make([]variant[T], len(list))
	for i := range list {
		v := &list[i]
		out[i] = variant[T]{v.Masked, v.When, [2]kernel[T]{forward: p.kernel(s, &v.Forward, extent, d), backward: p.kernel(s, &v.Backward, extent, d)}}
	}
	return out
}

// kernel groups the stages of k and makes room for them.
func (p *program[T]) kernel(s *Spec[T], k *Kernel[T], extent []int, d *dispatch) kernel[T] {
	gs := groups(k, extent, s.Segments > 0, d)
	for _, g := range gs {
		p.reserve(g)
	}
	for _, r := range k.Stats {
		p.statRanks[r.Index] = r.Rank
	}
	return kernel[T]{k, gs, chooseColumns(d, k.FinishName, k.Finish)}
}

// groups cuts the stages of a kernel where one is not linked to the one before.
func groups[T Float](k *Kernel[T], extent []int, segmented bool, d *dispatch) []group[T] {
	var out []group[T]
	for i := range k.Stages {
		st := newStage(&k.Stages[i], extent, d)
		if n := len(out); n > 0 && segmented && st.Linked {
			out[n-1] = append(out[n-1], st)
		} else {
			out = append(out, group[T]{st})
		}
	}
	return out
}

func newStage[T Float](s *Stage[T], extent []int, d *dispatch) stage[T] {
	st := stage[T]{Stage: s}
	st.columns, st.begin = chooseColumns(d, s.ColumnsName, s.Columns), chooseBegin(d, s)
	st.sweep, st.isa = choose(d, s)
	for _, sum := range s.Sums {
		n, count := extent[0], &st.accs
		if sum.Small {
			n, count = extent[sum.Shape], &st.smalls
		}
		p := st.layouts[sum.Scope].addSum(n)
		p.index = *count
		*count++
		st.sums = append(st.sums, p)
	}
	for _, m := range s.Moments {
		n := extent[0]
		if m.Small {
			n = extent[m.Shape]
		}
		st.moments = append(st.moments, st.layouts[m.Scope].addMoment(n))
	}
	st.reduces = !st.layouts[OverRows].empty() || !st.layouts[OverSegment].empty()
	return st
}

// reserve makes room for a group.
func (p *program[T]) reserve(g group[T]) {
	for i := range g {
		if i == len(p.rooms) {
			p.rooms = append(p.rooms, [scopes]room{})
		}
		for s := range g[i].layouts {
			p.rooms[i][s].include(&g[i].layouts[s])
		}
		p.smalls, p.moments = max(p.smalls, g[i].smalls), max(p.moments, len(g[i].moments))
	}
}
