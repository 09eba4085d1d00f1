package vectors

import (
	"slices"
	"testing"
)

func TestShape(t *testing.T) {
	for _, tt := range []struct {
		dims  string
		shape []int
		want  []Dim
	}{
		{"R... C", []int{2, 3, 4}, []Dim{{"R", 6}, {"C", 4}}},
		{"R... C", []int{4}, []Dim{{"R", 1}, {"C", 4}}},
		{"R... C C", []int{2, 3, 4}, []Dim{{"R", 2}, {"C", 3}, {"C", 4}}},
		{"N C S...", []int{2, 3}, []Dim{{"N", 2}, {"C", 3}, {"S", 1}}},
		{"N C N...", []int{2, 3, 4, 5}, []Dim{{"N", 2}, {"C", 3}, {"N", 20}}},
		{"T=1 B C", []int{2, 3}, []Dim{{"T", 1}, {"B", 2}, {"C", 3}}},
		{"B T C", []int{2, 3}, nil},
		{"B C", []int{2, 3, 4}, nil},
		{"N C S...", []int{2}, nil},
	} {
		got, err := Route{Dims: tt.dims}.Shape(tt.shape)
		if (err != nil) != (tt.want == nil) || !slices.Equal(got, tt.want) {
			t.Errorf("%v as %q is %v, %v, want %v", tt.shape, tt.dims, got, err, tt.want)
		}
	}
}

// Channels go last, and what was folded around them lies together.
func TestArrange(t *testing.T) {
	dims := []Dim{{"N", 2}, {"C", 3}, {"N", 2}}
	data := []float64{0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121}
	got := Arrange(data, dims, []string{"N", "C"})
	want := []float64{0, 10, 20, 1, 11, 21, 100, 110, 120, 101, 111, 121}
	if !slices.Equal(got, want) {
		t.Errorf("arranged %v, want %v", got, want)
	}
	if back := Back(got, dims, []string{"N", "C"}); !slices.Equal(back, data) {
		t.Errorf("back is %v", back)
	}
	if s := Sizes(dims); s["N"] != 4 || s["C"] != 3 {
		t.Errorf("sizes %v", s)
	}
}

// Every case has a route, and every knob of a route is a number of the case.
func TestRoutes(t *testing.T) {
	for _, c := range all(t) {
		rs, err := c.Routes()
		if err != nil || len(rs) == 0 {
			t.Errorf("%v: %d routes, %v", c, len(rs), err)
		}
		for _, r := range rs {
			for knob, attr := range r.attrs {
				if _, ok := r.Knobs[knob]; !ok && !c.ExpectError {
					t.Errorf("%v: %v: no attribute %s for knob %s", c, r, attr, knob)
				}
			}
		}
	}
	if _, err := (&Case{Op: "layer_norm"}).Routes(); err == nil {
		t.Error("an operation without layers has routes")
	}
}
