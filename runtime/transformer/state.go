package transformer

import (
	"fmt"

	"github.com/normgen/normgen/runtime"
)

// A TensorOf is a named array of a run's state, in the run's own memory: write to
// Data to load a checkpoint.
type TensorOf[T runtime.Float] struct {
	Name  string
	Shape []int
	Data  []T
}

// Tensor is a float32 array of a run's state.
type Tensor = TensorOf[float32]

// Tensors lists all arrays that a run's future depends on: the parameters
// by their names, the moments of Adam as "adam.m." and "adam.v." and the name of the
// parameter, and the state of norms by position and name, such as
// "decoder.final_norm.running_mean".
func (t *TrainerOf[T]) Tensors() []TensorOf[T] {
	var out []TensorOf[T]
	for _, p := range t.adam.params {
		out = append(out, TensorOf[T]{p.Name, p.Shape, p.Data})
	}
	for i, p := range t.adam.params {
		out = append(out, TensorOf[T]{"adam.m." + p.Name, p.Shape, t.adam.m[i]}, TensorOf[T]{"adam.v." + p.Name, p.Shape, t.adam.v[i]})
	}
	for _, s := range t.states {
		for _, v := range s.state {
			out = append(out, TensorOf[T]{s.position.Name + "." + v.Name, []int{len(v.Data)}, v.Data})
		}
	}
	return out
}

// A Counter is a number of a run's state.
type Counter struct {
	Name  string
	Value uint64
}

// Counters lists the rest of a run's state: "step", "draw" (passes done, which
// dropout counts), and the step of each norm, such as "decoder.final_norm.step". The
// seed is in the model's config.
func (t *TrainerOf[T]) Counters() []Counter {
	out := []Counter{{"step", uint64(t.step)}, {"draw", t.draw}}
	for _, s := range t.states {
		out = append(out, Counter{s.position.Name + ".step", uint64(s.position.Norm.Step())})
	}
	return out
}

// SetCounters sets them all. It wants each name that Counters lists once, in any
// order, and changes nothing if it returns an error.
func (t *TrainerOf[T]) SetCounters(list []Counter) error {
	values := map[string]uint64{}
	for _, c := range list {
		if _, twice := values[c.Name]; twice {
			return fmt.Errorf("transformer: the counter %s is there twice", c.Name)
		}
		values[c.Name] = c.Value
	}
	own := t.Counters()
	for i, c := range own {
		v, ok := values[c.Name]
		const most = 1 << 53 // norms count in float64
		if low := i >= 2 && v == 0; !ok || low || v > most {
			return fmt.Errorf("transformer: the counter %s is missing, or %d is out of range", c.Name, v)
		}
	}
	if len(values) != len(own) {
		return fmt.Errorf("transformer: %d counters; the run has %d", len(values), len(own))
	}
	t.step, t.draw = int(values["step"]), values["draw"]
	for _, s := range t.states {
		must(s.position.Norm.SetStep(int(values[s.position.Name+".step"])))
	}
	return nil
}
