package train_test

import (
	"math"
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/train"
)

const masked = "norm N { in x[T, B, C] mask keep[B, T] param g[C] = 1 stat m[C] = mean<T, B | keep>(x) out y = x*g + m }"

func source(t *testing.T, family string, seed uint64) *train.Source {
	t.Helper()
	i := slices.IndexFunc(train.Families, func(f train.Family) bool { return f.Name == family })
	return train.NewSource(layer(t, masked).Layer, []int{6, 3, 8}, train.Families[i], seed)
}

// Text repeats words, the frequent ones most, and pads: the same word, at the
// end of each sequence, without a gradient.
func TestText(t *testing.T) {
	s := source(t, "text", 1)
	count := map[float64]int{}
	padded := 0
	for range 40 {
		b := s.Next()
		x, keep := b.Inputs[0], b.Masks[0]
		for batch := range 3 {
			for time := range 6 {
				row, k := 8*(time*3+batch), keep[batch*6+time]
				if time > 0 && k > keep[batch*6+time-1] || time == 0 && k == 0 {
					t.Fatalf("keep = %v", keep)
				}
				if k == 0 {
					padded++
					if slices.ContainsFunc(b.Cotangents[0][row:row+8], func(v float64) bool { return v != 0 }) {
						t.Fatal("padding has a gradient")
					}
					continue
				}
				count[x[row]]++
			}
		}
	}
	if padded < 100 || len(count) > 40 {
		t.Errorf("%d rows of padding, %d different words", padded, len(count))
	}
	most, all := 0, 0
	for _, n := range count {
		most, all = max(most, n), all+n
	}
	// The first of 40 words has 1/4.28 of the probability.
	if share := float64(most) / float64(all); share < 0.17 || share > 0.3 {
		t.Errorf("the most frequent word is %v of the text", share)
	}
}

func TestHard(t *testing.T) {
	x := source(t, "hard", 1).Next().Inputs[0]
	var spread [8]float64
	for c := range spread {
		for r := range 18 {
			spread[c] = math.Max(spread[c], math.Abs(x[8*r+c]-x[c]))
		}
	}
	if spread[0] < 50 || spread[1] > 10 || spread[3] > 0.01 {
		t.Errorf("spreads %v", spread)
	}
}

func TestSeeds(t *testing.T) {
	for _, f := range train.Families {
		a, b, c := source(t, f.Name, 1).Next(), source(t, f.Name, 1).Next(), source(t, f.Name, 2).Next()
		if !slices.Equal(a.Inputs[0], b.Inputs[0]) || slices.Equal(a.Inputs[0], c.Inputs[0]) {
			t.Errorf("%s is no function of the seed", f.Name)
		}
	}
}
