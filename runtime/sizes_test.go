package runtime

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func splitError(total int, factors ...int) error {
	_, err := Split("N", "C", total, factors...)
	return err
}

func makeError(size ...int) error {
	spec := &Spec[float32]{Name: "N", Axes: []string{"C", "S"}, Shapes: []Shape{{0, 1}, {}}}
	return new(LayerOf[float32]).Make(spec, size, nil)
}

// TestChecks holds the checks of generated constructors.
func TestChecks(t *testing.T) {
	for what, bad := range map[string]error{
		"no columns":    CheckSize("N", "C", 0),
		"minus columns": CheckSize("N", "C", -4),
		"huge columns":  CheckSize("N", "C", 1<<31),
		"not listed":    CheckSize("N", "C", 5, 4, 8),
		"no groups":     splitError(8, 0, 0),
		"minus groups":  splitError(8, -2, 0),
		"odd groups":    splitError(8, 3, 0),
		"odd subgroups": splitError(12, 2, 4, 0),
		"wrapping":      splitError(8, 1<<33, 1<<33, 0),
		"other size":    splitError(12, 2, 4),
		"too few":       splitError(12, 2, 3),
		"none":          splitError(12),
		"no size":       makeError(0, 4),
		"together":      makeError(1<<16, 1<<15),
		"NaN":           CheckKnobs("N", 1, math.NaN()),
		"Inf":           CheckKnobs("N", math.Inf(-1)),
	} {
		if bad == nil || !strings.HasPrefix(bad.Error(), "N: ") {
			t.Errorf("%s: error %v", what, bad)
		}
	}
	for what, good := range map[string]error{
		"any": CheckSize("N", "C", 1), "listed": CheckSize("N", "C", 8, 4, 8), "groups": splitError(24, 2, 4, 3),
		"sizes": makeError(1<<16, 1<<14), "knobs": CheckKnobs("N", 0, -1),
	} {
		if good != nil {
			t.Errorf("%s: error %v", what, good)
		}
	}
}

// ExampleSplit finds the size of the groups from their number.
func ExampleSplit() {
	fmt.Println(Split("GroupNorm", "C", 24, 4, 0))
	fmt.Println(Split("GroupNorm", "C", 7, 4, 0))
	// Output:
	// [4 6] <nil>
	// [] GroupNorm: the 7 elements of axis C do not split into 4*?
}

// TestSizes holds that axes are found by name, and that scalars have an element.
func TestSizes(t *testing.T) {
	first := func(size []int, knob []float64) float64 { return 1 / float64(size[1]) }
	l := newLayer(t, &Spec[float64]{Axes: []string{"C", "S"}, Shapes: []Shape{{0}, {}, {1, 0}},
		Params: []VectorSpec{{Name: "alpha", Shape: 1, From: first}},
		States: []VectorSpec{{Name: "ring", Shape: 2}}}, 3, 4)
	if l.Cols() != 3 || l.Size("S") != 4 || l.Size("Q") != 0 {
		t.Fatal(l.Cols(), l.Size("S"), l.Size("Q"))
	}
	if p := l.Params()[0].Data; len(p) != 1 || p[0] != 0.25 || len(l.Grads()[0].Data) != 1 {
		t.Fatal(p)
	}
	if n := len(l.State()[0].Data); n != 12 {
		t.Fatalf("a ring of %d elements", n)
	}
}
