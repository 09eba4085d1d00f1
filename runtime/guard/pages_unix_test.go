//go:build unix

package guard

import (
	"math"
	"testing"
)

// TestFaults reads and writes one element outside a slice: that is an error where
// a page is guarded, and nothing else is.
func TestFaults(t *testing.T) {
	a := New()
	defer a.Close()
	for _, n := range []int{1, 3, 1024, 5000} {
		for _, c := range []struct {
			place Place
			index int
			fault bool
		}{{AtEnd, n, true}, {AtEnd, n - 1, false}, {AtStart, -1, true}, {AtStart, 0, false}, {Offset(8), -1, false}, {Offset(8), n, false}} {
			x := Slice[float32](a, n, c.place)
			read := Run(func() error {
				if v := *at(x, c.index); v != 0 && !math.IsNaN(float64(v)) {
					t.Errorf("%v: element %d is %v, want 0 or NaN", c.place, c.index, v)
				}
				return nil
			})
			write := Run(func() error { *at(x, c.index) = 1; return nil })
			if (read != nil) != c.fault || (write != nil) != c.fault {
				t.Errorf("%d elements %v: element %d: read %v, write %v, want faults: %v", n, c.place, c.index, read, write, c.fault)
			}
			outside := c.index < 0 || c.index >= n
			if err := a.Check(); (err != nil) != (outside && !c.fault) {
				t.Errorf("%d elements %v: element %d was written: %v", n, c.place, c.index, err)
			}
			a.Reset()
		}
	}
}
