package runtime

import (
	"slices"
	"strings"
	"testing"
)

// Small whole numbers are exact in both types, so equality is equality.
func TestFoldInto(t *testing.T) {
	foldInto[float32](t)
	foldInto[float64](t)
}

func foldInto[T Float](t *testing.T) {
	weights := func() ViewOf[T] { // 2 x 3, in a matrix with a column that is not the layer's
		return ViewOf[T]{[]T{1, 2, 3, 99, 4, 5, 6, 99}, 2, 3, 4}
	}
	w := weights()
	bias := FoldIntoNext(w, []T{10, 20}, []T{2, 3, -1}, []T{1, 0, 5})
	// 10 + 1*1 + 3*5 and 20 + 4*1 + 6*5.
	expectFold(t, "next", w, bias, []T{2, 6, -3, 99, 8, 15, -6, 99}, []T{26, 54})

	w = weights()
	given := []T{10, 20}
	bias = FoldIntoPrevious(w, given, []T{2, -1}, []T{7, 8})
	expectFold(t, "previous", w, bias, []T{2, 4, 6, 99, -4, -5, -6, 99}, []T{27, -12})
	if &bias[0] != &given[0] {
		t.Error("the bias was not changed in place")
	}

	w = weights()
	expectFold(t, "next without bias", w, FoldIntoNext(w, nil, []T{1, 1, 1}, []T{1, 0, 5}), weights().Data, []T{16, 34})
	w = weights()
	expectFold(t, "previous without bias", w, FoldIntoPrevious(w, nil, []T{1, 1}, []T{7, 8}), weights().Data, []T{7, 8})
}

func expectFold[T Float](t *testing.T, what string, w ViewOf[T], bias, wantW, wantBias []T) {
	t.Helper()
	if !slices.Equal(w.Data, wantW) || !slices.Equal(bias, wantBias) {
		t.Errorf("%s: weights %v and bias %v, want %v and %v", what, w.Data, bias, wantW, wantBias)
	}
}

// Lengths that do not fit panic before anything is written.
func TestFoldIntoRefuses(t *testing.T) {
	two, three := make([]float32, 2), make([]float32, 3)
	data := []float32{1, 1, 1, 1, 1, 1}
	w := Matrix(slices.Clone(data), 2, 3)
	for want, call := range map[string]func(){
		"scale has 2 elements, want 3": func() { FoldIntoNext(w, two, two, three) },
		"shift has 2 elements, want 3": func() { FoldIntoNext(w, two, three, two) },
		"bias has 3 elements, want 2":  func() { FoldIntoNext(w, three, three, three) },
		"scale has 3 elements, want 2": func() { FoldIntoPrevious(w, two, three, two) },
		"shift has 3 elements, want 2": func() { FoldIntoPrevious(w, two, two, three) },
		"w has 1 elements":             func() { FoldIntoPrevious(View{two[:1], 2, 3, 3}, two, two, two) },
	} {
		func() {
			defer func() {
				if got, _ := recover().(string); !strings.Contains(got, want) {
					t.Errorf("panic %q, want %q", got, want)
				}
			}()
			call()
		}()
	}
	if !slices.Equal(w.Data, data) {
		t.Error("a refused fold changed the weights")
	}
}
