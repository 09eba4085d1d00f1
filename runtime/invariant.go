package runtime

import "fmt"

// CheckState reports whether a state of the layer may have these values, for example
// before they are copied from a checkpoint: there are as many as the state has, none
// is NaN, and each fulfils what the spec says of the state. The error names the state
// and the first value that does not.
func (l *LayerOf[T]) CheckState(name string, values []T) error {
	for i, s := range l.spec.States {
		if s.Name == name {
			if len(values) != len(l.state[i]) {
				return fmt.Errorf("%s: state %s has %d elements, not %d", l.spec.Name, name, len(l.state[i]), len(values))
			}
			return checkValues(l.spec.Name, &s, values)
		}
	}
	return fmt.Errorf("%s: there is no state %q", l.spec.Name, name)
}

func checkValues[T Float](norm string, s *VectorSpec, values []T) error {
	for i, v := range values {
		switch {
		case v != v:
			return fmt.Errorf("%s: element %d of state %s is not a number", norm, i, s.Name)
		case s.Where.Holds != nil && !s.Where.Holds(float64(v)):
			return fmt.Errorf("%s: element %d of state %s is %v, and the spec says %s", norm, i, s.Name, v, s.Where.Text)
		}
	}
	return nil
}
