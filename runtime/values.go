package runtime

// ValueMoments takes moment k of the stage over the block's kept rows of panel p
// of Values, element by element: the mean first, then the squares around it,
// both in row order. The moments of no rows are zeros.
func (b *Block[T]) ValueMoments(k, p int) {
	m, v := &b.Moment[k], b.Values[p]
	rows := b.kept(m.Mask)
	m.N = float64(len(rows))
	if len(rows) == 0 {
		clear(m.Mean)
		clear(m.SS)
		return
	}
	fill(m.Mean, negZero[float64]())
	for _, r := range rows {
		for j, x := range v.Row(r) {
			m.Mean[j] += x
		}
	}
	for j := range m.Mean {
		m.Mean[j] /= m.N
	}
	fill(m.SS, negZero[float64]())
	for _, r := range rows {
		for j, x := range v.Row(r) {
			d := x - m.Mean[j]
			m.SS[j] += float64(d * d)
		}
	}
}

// Moments returns the mean of x and the sum of squares around it, both added in
// the order of the elements. x must not be empty.
func Moments(x []float64) (mean, ss float64) {
	mean, ss = negZero[float64](), negZero[float64]()
	for _, v := range x {
		mean += v
	}
	mean /= float64(len(x))
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
