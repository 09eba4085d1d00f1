package interp

import (
	"slices"
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/ir"
)

// N, C = K*D and S = 4.
var grouped = &ir.Layer{
	Name:     "L",
	Axes:     []ir.Axis{{Name: "K", Knob: "K"}, {Name: "D"}, {Name: "N"}, {Name: "S", Size: 4}},
	Products: []ir.Product{{Name: "C", Factors: []int{0, 1}}},
}

func TestSizesOf(t *testing.T) {
	for _, tt := range []struct {
		knobs map[string]float64
		named map[string]int
		sizes []int
		err   string
	}{
		{map[string]float64{"K": 3}, map[string]int{"C": 12, "N": 5}, []int{3, 4, 5, 4}, ""},
		{map[string]float64{"K": 3}, map[string]int{"C": 12, "N": 0}, []int{3, 4, 0, 4}, ""},
		{map[string]float64{"K": 3}, map[string]int{"D": 2, "N": 5}, []int{3, 2, 5, 4}, ""},
		{map[string]float64{"K": 3}, map[string]int{"C": 7, "N": 5}, nil, "C = 7 does not split into 3"},
		{map[string]float64{"K": 3}, map[string]int{"C": 12, "D": 5, "N": 5}, nil, "C = 12 does not split into 15"},
		{map[string]float64{"K": 0}, map[string]int{"C": 12, "N": 5}, nil, "C = 12 does not split into 0"},
		{map[string]float64{"K": 3}, map[string]int{"C": 12}, nil, "axis N has no size"},
		{map[string]float64{"K": 3}, map[string]int{"N": 5}, nil, "axis D has no size"},
	} {
		got, err := SizesOf(grouped, tt.knobs, tt.named)
		switch {
		case tt.err == "" && (err != nil || !slices.Equal(got, tt.sizes)):
			t.Errorf("SizesOf(%v, %v) = %v, %v, want %v", tt.knobs, tt.named, got, err, tt.sizes)
		case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
			t.Errorf("SizesOf(%v, %v): error %v, want %q", tt.knobs, tt.named, err, tt.err)
		}
	}
}
