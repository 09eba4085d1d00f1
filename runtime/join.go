package runtime

import (
	"errors"
	"fmt"
	"slices"
)

// Shard says that the pass that StartForward begins is the rows from first on of
// a larger batch; first must be a multiple of BlockRows or, with segments, begin
// a segment of the work's Shape. Run each sweep of all shards with [WorkOf.Sweep]
// and join them with [Join], until Done; then the backward likewise. Masks and
// Shape are the shard's own. The shards may be works of one layer or of copies of
// it with equal parameters, state and knobs.
func (w *WorkOf[T]) Shard(first int) error {
	if err := w.checkFirst(first); err != nil {
		return err
	}
	w.firstRow = first
	return nil
}

// checkFirst wants first to be a row that a shard may start at.
func (w *WorkOf[T]) checkFirst(first int) error {
	unit, s := BlockRows, w.layer.spec
	if w.segmented() {
		if len(w.sizes) == 0 {
			return fmt.Errorf("%s: Shard: the rows are cut into segments: call Shape with the sizes of %v", s.Name, s.RowAxes)
		}
		unit = max(1, w.segments.rows)
	}
	if first < 0 || first%unit != 0 {
		return fmt.Errorf("%s: a shard starts at row %d, not at a multiple of %d", s.Name, first, unit)
	}
	return nil
}

// Join joins the sweeps of the shards of one batch, in row order, and moves all
// of them on. After the last sweep it leaves the statistics of the batch in every
// work, the gradients in every layer, and for each layer one pending update. An
// error ends the pass of all of them.
func Join[T Float](works ...*WorkOf[T]) error {
	err := checkJoin(works)
	if err == nil && works[0].phase == forward && works[0].at == 0 {
		err = joinCounts(works)
	}
	if err != nil {
		for _, w := range works {
			w.kernel = nil
		}
		return err
	}
	all := &works[0].workers[0]
	for _, w := range works[1:] {
		all.absorb(&w.workers[0])
	}
	for _, w := range works {
		w.advance(all)
		if w.Done() {
			w.finish()
		}
	}
	return nil
}

// checkJoin wants works at the same point of the same pass, whose rows follow
// one another from row 0.
func checkJoin[T Float](works []*WorkOf[T]) error {
	if len(works) == 0 {
		return errors.New("runtime: Join of nothing")
	}
	first, next := works[0], 0
	name := first.layer.spec.Name
	for i, w := range works {
		for _, v := range works[:i] {
			if v == w {
				return fmt.Errorf("%s: Join of the same work twice", name)
			}
		}
		if w.Done() || !w.swept {
			return fmt.Errorf("%s: Join of a work that has not run Sweep", name)
		}
		if !w.alike(first) || w.phase == backward && (w.shards != len(works) || w.batch != first.batch) {
			return fmt.Errorf("%s: Join of works that are not shards of one batch: they differ in batch, mode, mask, step or sweep", name)
		}
		if w.frame.Rows == 0 {
			continue
		}
		if w.firstRow != next {
			return fmt.Errorf("%s: shard %d starts at row %d; the rows before end at %d", name, i, w.firstRow, next)
		}
		next += w.frame.Rows
	}
	return nil
}

// alike reports whether two works run the same sweep of the same kernel.
func (w *WorkOf[T]) alike(v *WorkOf[T]) bool {
	return w.layer.spec.Name == v.layer.spec.Name && slices.Equal(w.layer.size, v.layer.size) && w.segments.rows == v.segments.rows &&
		w.mode == v.mode && w.phase == v.phase && w.variant == v.variant && w.at == v.at && w.frame.Step == v.frame.Step
}

// joinCounts gives every shard the counts of the whole batch, and its leader.
func joinCounts[T Float](works []*WorkOf[T]) error {
	first := works[0]
	for c := range first.raw {
		n := 0.0
		for _, w := range works {
			n += w.raw[c]
		}
		for _, w := range works {
			w.setCount(c, n)
		}
	}
	for _, w := range works {
		w.follow(works)
	}
	for _, w := range works {
		if err := w.checkCounts(w.mode); err != nil {
			return err
		}
	}
	return nil
}

// follow makes w a shard of the first work with the same layer.
func (w *WorkOf[T]) follow(works []*WorkOf[T]) {
	w.shards, w.batch = len(works), works[0]
	for _, lead := range works {
		if lead.layer == w.layer {
			w.lead, w.joined = lead, lead.pass
			return
		}
	}
}
