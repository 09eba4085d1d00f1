package diff

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/train"
)

// A Case is a problem that shows a difference.
type Case struct {
	problem *problem
	seen    seen
}

// Bounds of the search for a small case.
const (
	largestChoice = 3 // of a size
	shapes        = 30
	tries         = 25 // problems of each shape
	visible       = 1e-3
)

// smallest looks for the smallest case of result i: shapes from small to
// large, few batches first, simple numbers, and of what it finds as much
// made 0 or 1 as the difference allows. Initial parameters and states are
// tried first. What no small case shows, the first problem that did must do.
func (r *Report) smallest(i int, f *Finding) *Case {
	s := search{comparison: r.comparison, result: i, single: len(f.free) > 0}
	if c := s.smallest(r.inOrder(f)); c != nil {
		return c
	}
	return s.simplify(f.first)
}

// smallestUnder is the same under the report's condition, or nil. It looks
// where the situation tells most: where only a mask makes the difference, and
// at the last step.
func (r *Report) smallestUnder(i int, f *Finding) *Case {
	s := search{comparison: r.comparison, result: i, single: true, cond: r.Cond}
	var telling, others []cell
	for at := range f.cond {
		_, always := f.cond[cell{at.mode, unmasked, at.step}]
		switch {
		case at.mask == masked && !always:
			telling = append(telling, at)
		case at.mask == unmasked:
			others = append(others, at)
		}
	}
	for _, cells := range [][]cell{telling, others} {
		slices.SortFunc(cells, func(x, y cell) int { return cmp.Or(cmp.Compare(x.mode, y.mode), cmp.Compare(y.step, x.step)) })
	}
	cells := append(telling, others...)
	return s.smallest(cells[:min(len(cells), 1)])
}

// smallest looks in some situations.
func (s *search) smallest(cells []cell) *Case {
	for _, s.enough = range []float64{visible, 0} {
		for _, s.initial = range []bool{true, false} {
			for _, at := range cells {
				for _, n := range s.shapes() {
					if q := s.shape(at, n); q != nil {
						return s.simplify(q)
					}
				}
			}
		}
	}
	return nil
}

// A search is for a problem that shows a result to differ by more than enough:
// in one step from equal states, or in a run from the initial states.
type search struct {
	*comparison
	result  int
	single  bool
	cond    *condition // on the input, which then stays as it is
	initial bool       // parameters, and in one step states, too
	enough  float64
}

// inOrder lists the situations where to look, the simplest first.
func (r *Report) inOrder(f *Finding) []cell {
	where := f.free
	if len(where) == 0 {
		where = f.late
	}
	out := slices.DeleteFunc(r.cells(), func(at cell) bool { _, ok := where[at]; return !ok })
	return out[:min(len(out), 3)]
}

// shapes lists the sizes of the axes, from few elements to many.
func (c *comparison) shapes() []sizes {
	_, choices, _ := c.pairing.sizes(func() int { return 1 })
	var out []sizes
	pick := make([]int, min(choices, 4))
	for {
		k := 0
		n, _, _ := c.pairing.sizes(func() int {
			k++
			if k > len(pick) {
				return 1
			}
			return 1 + pick[k-1]
		})
		out = append(out, n)
		i := 0
		for ; i < len(pick); i++ {
			if pick[i]++; pick[i] < largestChoice {
				break
			}
			pick[i] = 0
		}
		if i == len(pick) {
			break
		}
	}
	x := c.inputs[0].a
	slices.SortStableFunc(out, func(m, n sizes) int { return cmp.Compare(x.Elements(m.a), x.Elements(n.a)) })
	return out[:min(len(out), shapes)]
}

// shape tries problems of one shape, in runs from one batch to many.
func (s *search) shape(at cell, n sizes) *problem {
	d := &drawing{comparison: s.comparison, rand: rand.New(rand.NewPCG(1, 6)), sizes: n, size: 1}
	longest := runLength
	if s.single {
		longest = 1
	}
	for length := 1; length <= longest; length++ {
		for range tries {
			if q := s.simple(d, at, length); s.shows(q) {
				return q
			}
		}
	}
	return nil
}

var simpleNumbers = []float64{1, 2, -1, 3, 0, 0.5, 0.001}

// simple draws a problem of simple numbers.
func (s *search) simple(d *drawing, at cell, length int) *problem {
	q := &problem{mode: at.mode, step: at.step, sizes: d.sizes, values: map[*ir.Leaf][]float64{}}
	for range length {
		b := train.Batch{}
		for _, x := range s.a.layer.Inputs {
			b.Inputs = append(b.Inputs, d.simpleNumbers(x))
		}
		for _, y := range s.a.layer.Outputs {
			b.Cotangents = append(b.Cotangents, d.simpleNumbers(y))
		}
		if at.mask != unmasked {
			b.Masks = d.mask(at.mask)
		}
		d.silence(b)
		s.impose(s.cond, &b, d.sizes)
		q.batches = append(q.batches, b)
	}
	for _, of := range s.params {
		q.values[of.a] = s.value(d, of.a)
	}
	if s.single { // equal states
		for _, of := range s.states {
			q.values[of.a] = s.value(d, of.a)
		}
	}
	return q
}

// value is the initial value of a parameter or state, or simple numbers that
// it may have.
func (s *search) value(d *drawing, l *ir.Leaf) []float64 {
	if s.initial {
		return train.New(s.a.layer).Value(l, d.sizes.a)
	}
	x := d.simpleNumbers(l)
	for i := range x {
		if l.Min != nil {
			x[i] = *l.Min + 1 + math.Abs(x[i])
		}
	}
	return x
}

func (d *drawing) simpleNumbers(l *ir.Leaf) []float64 {
	x := make([]float64, l.Elements(d.sizes.a))
	for i := range x {
		x[i] = simpleNumbers[d.rand.IntN(len(simpleNumbers))]
	}
	return x
}

// shows reports whether the result differs in the last batch by more than enough.
func (s *search) shows(q *problem) bool {
	rows, err := s.run(q)
	return err == nil && len(rows) == len(q.batches) && rows[len(rows)-1][s.result].apart > s.enough
}

// simplify makes the numbers of q simpler, one after the other, while it still
// shows: gradients 0 if possible, inputs 1, 2, 3, since where they are 0 or all
// the same, many norms are odd; parameters and states initial.
func (s *search) simplify(q *problem) *Case {
	for _, b := range q.batches {
		for _, dy := range b.Cotangents {
			s.try(q, dy, func(int) []float64 { return []float64{0, 1} })
		}
		for _, x := range b.Inputs {
			if s.cond != nil {
				continue
			}
			s.try(q, x, func(k int) []float64 { return []float64{float64(1 + k), 2, 0} })
		}
	}
	for _, l := range slices.Concat(s.a.layer.Params, s.a.layer.States) {
		s.try(q, q.values[l], func(int) []float64 { return []float64{l.Init, 1, 2} })
	}
	rows, _ := s.run(q) // it has run before
	return &Case{q, rows[len(rows)-1][s.result]}
}

// try puts the first of numbers(k) with which q still shows in place of x[k].
func (s *search) try(q *problem, x []float64, numbers func(k int) []float64) {
	for k, old := range x {
		for _, v := range append(numbers(k), old) {
			if x[k] = v; v == old || s.shows(q) {
				break
			}
		}
	}
}
