package transformer

import (
	"fmt"
	"strings"
)

// Check reports what the values of one of Tensors cannot be, before they are loaded:
// the state of a norm is what its spec says, and second moments are not negative.
// Parameters may be anything: a step refuses those with which the loss is no number.
func (t *TrainerOf[T]) Check(name string, values []T) error {
	if strings.HasPrefix(name, "adam.v.") {
		for i, v := range values {
			if !(v >= 0) {
				return fmt.Errorf("element %d is %v: a second moment is not negative", i, v)
			}
		}
		return nil
	}
	for _, s := range t.states {
		for _, v := range s.state {
			if name == s.position.Name+"."+v.Name {
				return s.position.Norm.CheckState(v.Name, values)
			}
		}
	}
	return nil
}
