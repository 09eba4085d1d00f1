package runtime

import "fmt"

// A FoldableOf is a norm that in evaluation is a scale and a shift, which know
// nothing of the data. Generated norms have Fold exactly when their spec says so
// much.
type FoldableOf[T Float] interface {
	NormOf[T]

	// Fold sets scale and shift so that scale*x + shift is what Infer computes.
	Fold(scale, shift []T)
}

// RunFold calls fn for the parameters and the state as they are. It panics
// unless scale and shift have as many elements as that shape of the spec.
func (l *LayerOf[T]) RunFold(fn func(u *Updater[T], scale, shift []T), shape int, scale, shift []T) {
	checkLength("scale", len(scale), l.extent[shape])
	checkLength("shift", len(shift), l.extent[shape])
	u := l.newUpdater()
	u.Step = l.step
	fn(&u, scale, shift)
}

// FoldIntoNext folds a norm into the linear layer that follows it:
// w*(scale*x + shift) + bias becomes w*x + bias for all x. The weights are
// [out][in], changed in place; scale and shift have length in. The bias has
// length out and is changed in place; nil is a bias of 0. The new bias is
// returned. Sums are made in float64 and rounded once.
func FoldIntoNext[T Float](w ViewOf[T], bias, scale, shift []T) []T {
	bias = foldedBias(w, bias)
	checkLength("scale", len(scale), w.Cols)
	checkLength("shift", len(shift), w.Cols)
	for i := range bias {
		row := w.Row(i)
		sum := float64(bias[i])
		for j, x := range row {
			sum += float64(float64(x) * float64(shift[j]))
			row[j] = T(float64(x) * float64(scale[j]))
		}
		bias[i] = T(sum)
	}
	return bias
}

// FoldIntoPrevious folds a norm into the linear layer before it:
// scale*(w*x + bias) + shift becomes w*x + bias for all x. The weights are
// [out][in], changed in place; scale and shift have length out. The bias has
// length out and is changed in place; nil is a bias of 0. The new bias is
// returned. A kernel of a convolution is a row of weights for each of its
// output channels.
func FoldIntoPrevious[T Float](w ViewOf[T], bias, scale, shift []T) []T {
	bias = foldedBias(w, bias)
	checkLength("scale", len(scale), w.Rows)
	checkLength("shift", len(shift), w.Rows)
	for i := range bias {
		s := float64(scale[i])
		row := w.Row(i)
		for j, x := range row {
			row[j] = T(s * float64(x))
		}
		bias[i] = T(float64(s*float64(bias[i])) + float64(shift[i]))
	}
	return bias
}

// foldedBias checks weights and bias, and makes the bias that is nil.
func foldedBias[T Float](w ViewOf[T], bias []T) []T {
	w.check("w")
	if bias == nil {
		return make([]T, w.Rows)
	}
	checkLength("bias", len(bias), w.Rows)
	return bias
}

func checkLength(name string, n, want int) {
	if n != want {
		panic(fmt.Sprintf("runtime: %s has %d elements, want %d", name, n, want))
	}
}
