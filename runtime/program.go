package runtime

// A program is what the engine works out of a spec once: which stages run
// together, and where their reductions lie.
type program[T Float] struct {
	groups    map[*Kernel[T]][]group[T]
	rooms     [][scopes]room // of the trees of each stage of a group
	smalls    int            // the most small sums of a stage
	moments   int            // the most moments
	tensors   [2]signature   // by phase
	kept      []TensorSpec   // what a backward reads besides the cotangents
	statRanks []ResultRank
}

// A signature is the tensors of a pass.
type signature struct{ in, out []TensorSpec }

// A group is a run of linked stages: one trip over the rows, segment by segment.
type group[T Float] []stage[T]

// A stage is a Stage with the places of its reductions.
type stage[T Float] struct {
	*Stage[T]
	layouts [scopes]layout
	sums    []place // index in Block.Acc or Block.Small
	moments []place // index among the moments of its scope

	accs, smalls int
}

func newProgram[T Float](s *Spec[T], extent []int) program[T] {
	p := program[T]{groups: map[*Kernel[T]][]group[T]{}, kept: s.Inputs, statRanks: make([]ResultRank, len(s.Stats))}
	if s.KeepsOutputs {
		p.kept = append(append([]TensorSpec{}, s.Inputs...), s.Outputs...)
	}
	var grads []TensorSpec
	for _, i := range s.Grads {
		grads = append(grads, s.Inputs[i])
	}
	p.tensors[forward] = signature{s.Inputs, s.Outputs}
	p.tensors[backward] = signature{append(append([]TensorSpec{}, s.Outputs...), p.kept...), grads}
	for k := range s.kernels {
		p.groups[k] = groups(k, extent, s.Segments > 0)
		for _, g := range p.groups[k] {
			p.reserve(g)
		}
		for _, r := range k.Stats {
			p.statRanks[r.Index] = r.Rank
		}
	}
	return p
}

// kernels lists all kernels of the spec.
func (s *Spec[T]) kernels(yield func(*Kernel[T]) bool) {
	for _, variants := range [][]Variant[T]{s.Train, s.Frozen, s.Infer} {
		for i := range variants {
			if !yield(&variants[i].Forward) || !yield(&variants[i].Backward) {
				return
			}
		}
	}
}

// groups cuts the stages of a kernel where one is not linked to the one before.
func groups[T Float](k *Kernel[T], extent []int, segmented bool) []group[T] {
	var out []group[T]
	for i := range k.Stages {
		st := newStage(&k.Stages[i], extent)
		if n := len(out); n > 0 && segmented && st.Linked {
			out[n-1] = append(out[n-1], st)
		} else {
			out = append(out, group[T]{st})
		}
	}
	return out
}

func newStage[T Float](s *Stage[T], extent []int) stage[T] {
	st := stage[T]{Stage: s}
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
