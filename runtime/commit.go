package runtime

import "fmt"

// Commit applies the pending updates of the works, once: statistics of several
// works are merged by count in call order, and each update is evaluated on the
// merged values. An update whose statistics were all taken over nothing is left
// out. Of the shards of one batch, one is committed for all of them. On an error
// nothing changes.
//
// A batch that holds a NaN or an infinity puts it into the state of its column,
// as in other systems; [WorkOf.Stats] shows it before.
func (l *LayerOf[T]) Commit(works ...*WorkOf[T]) error {
	if err := l.checkWorks(works); err != nil {
		return err
	}
	if err := l.checkMerge(works); err != nil {
		return err
	}
	l.update(works)
	for _, w := range works {
		w.drop(forward)
		w.drop(backward)
	}
	l.step++
	return nil
}

// checkWorks wants different passes of this layer, at least one of them pending.
func (l *LayerOf[T]) checkWorks(works []*WorkOf[T]) error {
	pending := false
	for i, w := range works {
		if w == nil || w.layer != l {
			return fmt.Errorf("%s: Commit of a work of another layer", l.spec.Name)
		}
		for _, v := range works[:i] {
			if v.lead == w.lead && v.joined == w.joined {
				return fmt.Errorf("%s: Commit of the same pass twice", l.spec.Name)
			}
		}
		pending = pending || w.waits(forward) || w.waits(backward)
	}
	if !pending {
		return fmt.Errorf("%s: Commit without a training pass since the last one", l.spec.Name)
	}
	return nil
}

// checkMerge refuses to merge statistics that depend on other batch statistics.
func (l *LayerOf[T]) checkMerge(works []*WorkOf[T]) error {
	for _, u := range l.spec.Updates {
		for _, i := range u.Stats {
			if s := &l.spec.Stats[i]; s.Merge == MergeNone && taken(works, phaseOf(u.Backward), i) > 1 {
				return fmt.Errorf("%s: %s depends on another batch statistic, so several passes cannot be committed at once",
					l.spec.Name, s.Name)
			}
		}
	}
	return nil
}

// taken counts the pending works whose statistic i is over something.
func taken[T Float](works []*WorkOf[T], p phase, i int) int {
	n := 0
	for _, w := range works {
		if w.waits(p) && w.stats[i].count > 0 {
			n++
		}
	}
	return n
}

// A merger is the memory of Commit.
type merger[T Float] struct {
	updater Updater[T]
	stat    [][]float64 // merged statistics; nil for those of rows
	mean    [][]float64 // for each variance, the mean that goes with it
	next    [][]T       // new states, by update
	due     []bool      // updates that have one
}

func (m *merger[T]) size(l *LayerOf[T]) {
	s := l.spec
	m.stat, m.mean = l.statVectors(), l.statVectors()
	m.next, m.due = make([][]T, len(s.Updates)), make([]bool, len(s.Updates))
	for i, u := range s.Updates {
		m.next[i] = make([]T, len(l.state[u.State]))
	}
	m.updater = l.newUpdater()
	m.updater.Stat, m.updater.Count = m.stat, make([]float64, len(s.Stats))
}

// newUpdater makes what functions of the layer's arrays read.
func (l *LayerOf[T]) newUpdater() Updater[T] {
	return Updater[T]{Size: l.size, Extent: l.extent, Knob: l.knob, Param: l.param, State: l.state,
		Temp: arrays[float64](l.spec.Arrays.Temp, l.extent)}
}

// update computes all new states before it stores any: a read of a state is
// its value before the step.
func (l *LayerOf[T]) update(works []*WorkOf[T]) {
	m := &l.merger
	m.updater.Step = l.step
	for i, u := range l.spec.Updates {
		if m.due[i] = m.merge(l.spec.Stats, works, &l.spec.Updates[i]); m.due[i] {
			u.Next(&m.updater, m.next[i])
		}
	}
	for i, u := range l.spec.Updates {
		if m.due[i] {
			copyAll(l.state[u.State], m.next[i])
		}
	}
}

// merge fills in the statistics that an update reads. It reports false if none
// of the works has the update pending, or a domain is empty.
func (m *merger[T]) merge(specs []StatSpec, works []*WorkOf[T], u *UpdateSpec[T]) bool {
	p := phaseOf(u.Backward)
	due := false
	for _, w := range works {
		due = due || w.waits(p)
	}
	for _, i := range u.Stats {
		due = due && m.mergeStat(&specs[i], works, p, i)
	}
	return due
}

// mergeStat merges statistic i of the works over something; one work's values
// are taken as they are. It reports false if there is none.
func (m *merger[T]) mergeStat(spec *StatSpec, works []*WorkOf[T], p phase, i int) bool {
	out, center, n := m.stat[i], m.mean[i], 0.0
	for _, w := range works {
		s := &w.stats[i]
		if !w.waits(p) || s.count == 0 {
			continue
		}
		var mean []float64
		if spec.Merge == MergeVar {
			mean = w.stats[spec.Mean].values
		}
		if n == 0 {
			copyAll(out, s.values)
			copyAll(center, mean)
		} else {
			mergeInto(spec.Merge, out, center, n, s, mean)
		}
		n += s.count
	}
	m.updater.Count[i] = n
	return n > 0
}

// mergeInto merges s into the values out over n elements. A variance has means.
func mergeInto(how Merge, out, mean []float64, n float64, s *statistic, other []float64) {
	share := s.count / (n + s.count)
	for j, x := range s.values {
		switch how {
		case MergeSum:
			out[j] += x
		case MergeMax:
			out[j] = Larger(out[j], x)
		case MergeVar:
			d := other[j] - mean[j]
			out[j] += float64((x - out[j]) * share)
			out[j] += float64(float64(d*d) * (1 - share) * share)
			mean[j] += float64(d * share)
		default:
			out[j] += float64((x - out[j]) * share)
		}
	}
}
