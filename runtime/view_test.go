package runtime

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestOverlaps holds overlaps to the elements of every pair of small views: equal
// for views of one stride, and never less than the truth.
func TestOverlaps(t *testing.T) {
	data := make([]float32, 64)
	elements := func(v View) map[*float32]bool {
		out := map[*float32]bool{}
		for i := range v.Rows {
			for j := range v.Row(i) {
				out[&v.Row(i)[j]] = true
			}
		}
		return out
	}
	views := smallViews(data)
	sets := make([]map[*float32]bool, len(views))
	for i, v := range views {
		sets[i] = elements(v)
	}
	r := rand.New(rand.NewPCG(1, 2))
	pair := func(i, j int) {
		v, w := views[i], views[j]
		want := false
		for p := range sets[i] {
			want = want || sets[j][p]
		}
		got := v.overlaps(&w)
		if got != want && (v.Stride == w.Stride || want) {
			t.Fatalf("%s and %s: overlaps is %v", show(data, v), show(data, w), got)
		}
		if got != w.overlaps(&v) {
			t.Fatalf("%s and %s: not symmetric", show(data, v), show(data, w))
		}
	}
	for i := range views {
		pair(i, i)
		for range 300 {
			pair(i, r.IntN(len(views)))
		}
	}
}

func smallViews(data []float32) []View {
	var out []View
	for stride := 1; stride <= 6; stride++ {
		for cols := 0; cols <= stride; cols++ {
			for rows := 0; rows <= 4; rows++ {
				for from := 0; from <= 26; from++ {
					out = append(out, View{data[from:], rows, cols, stride})
				}
			}
		}
	}
	return out
}

func show(data []float32, v View) string {
	return fmt.Sprintf("%d rows of %d at stride %d from %d", v.Rows, v.Cols, v.Stride, cap(data)-cap(v.Data))
}

// TestViewSlice holds parts of a view to its rows, and to its end.
func TestViewSlice(t *testing.T) {
	data := make([]float64, 3*5+2)
	for i := range data {
		data[i] = float64(i)
	}
	v := View64{data, 4, 2, 5}
	v.check("v")
	for lo := range 5 {
		for hi := lo; hi <= 4; hi++ {
			s := v.Slice(lo, hi)
			s.check("part")
			if s.Rows != hi-lo {
				t.Fatalf("rows %d:%d are %d", lo, hi, s.Rows)
			}
			for i := range s.Rows {
				if &s.Row(i)[0] != &v.Row(lo + i)[0] || cap(s.Row(i)) != 2 {
					t.Fatalf("row %d of %d:%d is not row %d", i, lo, hi, lo+i)
				}
			}
		}
	}
}
