package runtime

// ValueMoments takes moment k of the stage over the block's kept rows of panel p
// of Values, element by element: the mean first, then the mean of what is left,
// which corrects it, then the squares around it, all in row order. The moments of
// no rows are zeros.
func (b *Block[T]) ValueMoments(k, p int) {
	m, v := &b.Moment[k], b.Values[p]
	rows := b.kept(m.Mask)
	m.N = float64(len(rows))
	clearAll(m.Mean)
	clearAll(m.SS)
	if len(rows) == 0 {
		return
	}
	for range 2 { // SS holds the sum of what is left
		fill(m.SS, negZero[float64]())
		for _, r := range rows {
			for j, x := range v.Row(r) {
				m.SS[j] += x - m.Mean[j]
			}
		}
		for j, sum := range m.SS {
			m.Mean[j] += sum / m.N
		}
	}
	fill(m.SS, negZero[float64]())
	for _, r := range rows {
		for j, x := range v.Row(r) {
			d := x - m.Mean[j]
			m.SS[j] += float64(d * d)
		}
	}
}

// Moments returns the mean of x, corrected by the mean of what is left, and the sum
// of squares around it, all added in the order of the elements. x must not be
// empty.
func Moments(x []float64) (mean, ss float64) {
	for range 2 {
		sum := negZero[float64]()
		for _, v := range x {
			sum += v - mean
		}
		mean += sum / float64(len(x))
	}
	ss = negZero[float64]()
	for _, v := range x {
		d := v - mean
		ss += float64(d * d)
	}
	return mean, ss
}

// RowMax is the largest element of x, compared from the first on as Larger does.
// x must not be empty.
func RowMax[T Float](x []T) T {
	top := x[0]
	for _, v := range x[1:] {
		top = Larger(top, v)
	}
	return top
}
