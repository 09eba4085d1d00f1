package probe

import (
	"math"
	"slices"

	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer"
)

// A site is a norm that is watched.
type site struct {
	position *transformer.Position
	columns
	running  [averaged][]float32
	seen     []float32 // one element: passes that the running averages know of
	inferred runtime.View
	before   [][]float32 // the norm's states
	sum      []Reading   // over the passes since the last readings
	passes   int
}

func newSite(p *transformer.Position, maxRows int) *site {
	d := p.Norm.Cols()
	s := &site{position: p, columns: newColumns(d), seen: make([]float32, 1), inferred: runtime.Matrix(make([]float32, maxRows*d), maxRows, d)}
	for i := range s.running {
		s.running[i] = make([]float32, d)
	}
	for _, v := range p.Norm.State() {
		s.before = append(s.before, make([]float32, len(v.Data)))
	}
	return s
}

// observe measures a pass and adds it to the sum.
func (s *site) observe(v transformer.Sight) {
	s.columns.measure(v.X, v.DY, gamma(v.Position.Norm), v.Keep)
	var now []Reading
	add := func(quantity string, distance, size float64) {
		now = append(now, Reading{s.position.Name, quantity, distance, size})
	}
	for i, stat := range s.stats() {
		add(Quantities[i], s.known(distance(stat, s.running[i])), size(stat))
	}
	add(s.output(v))
	s.discrepancy(add)
	s.own(v, add)
	s.merge(now)
	s.follow()
}

// output is how far the output is from that of inference, over the rows that are not
// padding: the root of the mean square.
func (s *site) output(v transformer.Sight) (quantity string, apart, size float64) {
	y := s.inferred.Slice(0, v.X.Rows)
	if v.Position.Norm.Infer(y, v.X) != nil {
		return "output", math.NaN(), math.NaN() // as a norm that does not infer on such rows
	}
	n := 0.0
	for i := range y.Rows {
		if v.Keep != nil && !v.Keep[i] {
			continue
		}
		a, b := v.Y.Row(i), y.Row(i)
		for j := range a {
			d := float64(a[j]) - float64(b[j])
			apart += d * d
			size += float64(b[j]) * float64(b[j])
		}
		n += float64(len(a))
	}
	return "output", math.Sqrt(apart / n), math.Sqrt(size / n)
}

// discrepancy is that of the mean and the deviation, relative to the running deviation.
func (s *site) discrepancy(add func(string, float64, float64)) {
	var mean, deviation, length float64
	for j := range s.mean {
		sigma := math.Sqrt(float64(s.running[1][j]))
		mean += square(s.mean[j] - float64(s.running[0][j]))
		deviation += square(math.Sqrt(s.variance[j]) - sigma)
		length += square(sigma)
	}
	add("tid_mu", s.known(math.Sqrt(mean/length)), 1)
	add("tid_sigma", s.known(math.Sqrt(deviation/length)), 1)
}

// known is a distance from the running averages: none in the first pass.
func (s *site) known(distance float64) float64 {
	if s.seen[0] == 0 {
		return math.NaN()
	}
	return distance
}

// own measures the norm's own statistics against the states that they move, and keeps
// the states for the end of the step.
func (s *site) own(v transformer.Sight, add func(string, float64, float64)) {
	stats := map[string][]float64{}
	for _, st := range v.Work.Stats() {
		if st.Count > 0 {
			stats[st.Name] = st.Values
		}
	}
	states := map[string][]float32{}
	for i, st := range v.Position.Norm.State() {
		states[st.Name] = st.Data
		if s.passes == 0 {
			copy(s.before[i], st.Data)
		}
	}
	for _, u := range v.Position.Norm.Updates() {
		if len(u.Stats) == 1 && len(stats[u.Stats[0]]) == len(states[u.State]) && len(states[u.State]) > 0 {
			add("own:"+u.State, distance(stats[u.Stats[0]], states[u.State]), size(stats[u.Stats[0]]))
		}
	}
}

// merge adds the readings of a pass; all passes of a step have the same ones.
func (s *site) merge(now []Reading) {
	if s.passes++; s.passes == 1 {
		s.sum = now
		return
	}
	for i := range s.sum {
		s.sum[i].Distance += now[i].Distance
		s.sum[i].Size += now[i].Size
	}
}

// readings are the means over the passes of the step, and how far its commit moved the
// states.
func (s *site) readings() []Reading {
	if s.passes == 0 {
		return nil
	}
	for i := range s.sum {
		s.sum[i].Distance /= float64(s.passes)
		s.sum[i].Size /= float64(s.passes)
	}
	for i, st := range s.position.Norm.State() {
		s.sum = append(s.sum, Reading{s.position.Name, "state:" + st.Name, distance(st.Data, s.before[i]), size(s.before[i])})
	}
	s.passes = 0
	return slices.DeleteFunc(s.sum, func(r Reading) bool { return r.Distance != r.Distance })
}

// follow moves the running averages by the statistics of the pass.
func (s *site) follow() {
	rate := float32(momentum)
	if s.seen[0] == 0 {
		rate = 1
	}
	for i, stat := range s.stats() {
		for j, v := range stat {
			s.running[i][j] += rate * (float32(v) - s.running[i][j])
		}
	}
	s.seen[0]++
}

// gamma is the parameter of that name, if it has a value for each column.
func gamma(n runtime.Norm) []float32 {
	for _, p := range n.Params() {
		if p.Name == "gamma" && len(p.Data) == n.Cols() {
			return p.Data
		}
	}
	return nil
}
