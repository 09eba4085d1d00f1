package runtime

import "fmt"

// Commit applies the pending updates of the works, once: statistics of several
// works are merged by count in call order, and each update is evaluated on the
// merged values. An update whose statistics were all taken over nothing is left
// out. On an error nothing changes.
func (l *LayerOf[T]) Commit(works ...*WorkOf[T]) error {
	for i, w := range works {
		if w.layer != l {
			return fmt.Errorf("%s: Commit of a work of another layer", l.spec.Name)
		}
		for _, v := range works[:i] {
			if v == w {
				return fmt.Errorf("%s: Commit of the same work twice", l.spec.Name)
			}
		}
	}
	if !anyPending(works) {
		return fmt.Errorf("%s: Commit without a training pass since the last one", l.spec.Name)
	}
	if err := l.checkMerge(works); err != nil {
		return err
	}
	l.update(works)
	for _, w := range works {
		w.pending = [2]bool{}
	}
	l.step++
	return nil
}

func anyPending[T Float](works []*WorkOf[T]) bool {
	for _, w := range works {
		if w.pending[0] || w.pending[1] {
			return true
		}
	}
	return false
}

// checkMerge refuses to merge statistics that depend on other batch statistics.
func (l *LayerOf[T]) checkMerge(works []*WorkOf[T]) error {
	for _, u := range l.spec.Updates {
		if len(waiting(works, u.Backward)) < 2 {
			continue
		}
		for _, i := range u.Stats {
			if s := l.spec.Stats[i]; s.Merge == MergeNone {
				return fmt.Errorf("%s: %s depends on another batch statistic, so several passes cannot be committed at once",
					l.spec.Name, s.Name)
			}
		}
	}
	return nil
}

// waiting lists the works whose updates of a phase are pending.
func waiting[T Float](works []*WorkOf[T], backward bool) []*WorkOf[T] {
	phase := 0
	if backward {
		phase = 1
	}
	var out []*WorkOf[T]
	for _, w := range works {
		if w.pending[phase] {
			out = append(out, w)
		}
	}
	return out
}

// update computes all new states before it stores any: a read of a state is
// its value before the step.
func (l *LayerOf[T]) update(works []*WorkOf[T]) {
	u := Updater[T]{Cols: l.cols, Groups: l.groups, Knob: l.knob, Step: l.step, Param: l.param, State: l.state,
		Stat: make([][]float64, len(l.spec.Stats)), Count: make([]float64, len(l.spec.Stats))}
	next := make([][]T, len(l.spec.Updates))
	for i, up := range l.spec.Updates {
		ws := waiting(works, up.Backward)
		if len(ws) == 0 || !l.merge(&u, ws, up.Stats) {
			continue
		}
		next[i] = make([]T, l.cols)
		up.Next(&u, next[i])
	}
	for i, up := range l.spec.Updates {
		if next[i] != nil {
			copy(l.state[up.State], next[i])
		}
	}
}

// merge fills in the statistics an update reads. It reports false if one of
// them has an empty domain.
func (l *LayerOf[T]) merge(u *Updater[T], works []*WorkOf[T], stats []int) bool {
	for _, i := range stats {
		u.Stat[i], u.Count[i] = mergeStat(l.spec.Stats, works, i)
		if u.Count[i] == 0 {
			return false
		}
	}
	return true
}

// mergeStat merges statistic i of the works. One work's values are used as they
// are.
func mergeStat[T Float](specs []StatSpec, works []*WorkOf[T], i int) ([]float64, float64) {
	first := &works[0].stats[i]
	out, n := append([]float64(nil), first.values...), first.count
	var mean []float64
	if specs[i].Merge == MergeVar {
		mean = append(mean, works[0].stats[specs[i].Mean].values...)
	}
	for _, w := range works[1:] {
		s := &w.stats[i]
		if s.count == 0 {
			continue
		}
		total := n + s.count
		switch specs[i].Merge {
		case MergeSum:
			addTo(out, s.values)
		case MergeMax:
			maxTo(out, s.values)
		case MergeVar:
			mergeVar(out, mean, s.values, w.stats[specs[i].Mean].values, n, s.count)
		default:
			for j := range out {
				out[j] += float64((s.values[j] - out[j]) * (s.count / total))
			}
		}
		n = total
	}
	return out, n
}

func addTo(dst, src []float64) {
	for j, x := range src {
		dst[j] += x
	}
}

func maxTo(dst, src []float64) {
	for j, x := range src {
		dst[j] = max(dst[j], x)
	}
}

// mergeVar merges biased variances v (over n elements around mean) and w (over
// m around other) into v, and mean likewise.
func mergeVar(v, mean, w, other []float64, n, m float64) {
	total := n + m
	for j := range v {
		d := other[j] - mean[j]
		v[j] += float64((w[j] - v[j]) * (m / total))
		v[j] += float64(float64(d*d) * (n / total) * (m / total))
		mean[j] += float64(d * (m / total))
	}
}
