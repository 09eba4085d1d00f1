package vectors

import (
	"reflect"
	"slices"
	"testing"
)

func count(shape ...int) Tensor {
	t := Tensor{Shape: shape, Data: make([]float64, size(shape))}
	for i := range t.Data {
		t.Data[i] = float64(i)
	}
	return t
}

func TestChannelsLast(t *testing.T) {
	got := ChannelsLast(count(2, 3, 2), 1)
	want := Tensor{Shape: []int{2, 2, 3}, Data: []float64{0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestChannelsFirstInverts(t *testing.T) {
	for _, shape := range [][]int{{4}, {2, 3}, {2, 3, 4}, {2, 3, 4, 5}, {0, 3, 2}} {
		x := count(shape...)
		for axis := range shape {
			if got := ChannelsFirst(ChannelsLast(x, axis), axis); !reflect.DeepEqual(got, x) {
				t.Errorf("shape %v axis %d: got %v", shape, axis, got)
			}
		}
	}
}

func TestTranspose(t *testing.T) {
	got := Transpose(count(2, 3))
	if want := []float64{0, 3, 1, 4, 2, 5}; !slices.Equal(got.Data, want) || !slices.Equal(got.Shape, []int{3, 2}) {
		t.Errorf("got %v", got)
	}
}

func TestMatrix(t *testing.T) {
	for dims, want := range [][]int{{24, 1}, {6, 4}, {2, 12}, {1, 24}} {
		if got := Matrix(count(2, 3, 4), dims); !slices.Equal(got.Shape, want) {
			t.Errorf("%d dims: shape %v, want %v", dims, got.Shape, want)
		}
	}
}

func TestKeep(t *testing.T) {
	if got := Keep(Tensor{Shape: []int{3}, Data: []float64{0, 1, 0}}); !slices.Equal(got, []bool{true, false, true}) {
		t.Errorf("got %v", got)
	}
	if Keep(Tensor{}) != nil {
		t.Error("no padding must give no mask")
	}
}

// TestKeepOfCase checks the orientation against a case: the mean of the valid
// tokens is the one the case states.
func TestKeepOfCase(t *testing.T) {
	c := find(t, "zoo/maskedbn_6x3x7_randn")
	s := c.Steps[0]
	x := Matrix(s.In["x"], 1)
	keep := Keep(Transpose(s.In["pad"]))
	if len(keep) != x.Shape[0] {
		t.Fatalf("%d mask values for %d rows", len(keep), x.Shape[0])
	}
	var sum, n float64
	for i, k := range keep {
		if k {
			sum += x.Data[i*x.Shape[1]]
			n++
		}
	}
	if got, want := sum/n, s.Want["mean"].Data[0]; got-want > 1e-15 || want-got > 1e-15 {
		t.Errorf("mean of channel 0 is %v, want %v", got, want)
	}
}
