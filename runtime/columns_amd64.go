//go:build amd64 && !purego

package runtime

// A columnKernels is the assembly that takes the moments of columns.
type columnKernels struct {
	strips func(x *float32, stride int, rows []int, shift, s1, s2 []float32, ahead bool)
	rows   func(x *float32, stride int, rows []int, shift, s1, s2 []float32, ahead bool)
	sums   func(x *float32, stride int, rows []int, shift, s1, s2 []float32)
	centre func(shift, s1, s2 []float32, inv float64, mean, ss []float64, far []uint8) uint8
}

// manyColumns is from how many columns on whole rows are faster than strips of
// columns with their sums in registers. Of 64 columns in the cache strips take
// 0.7 of the time; of 1024 in memory, or of 4096 anywhere with AVX2, they take 1.2
// to 1.9 times as long.
const manyColumns = 256

// moments is b.ColumnMoments(k, x).
func (c *columnKernels) moments(b *Block[float32], k int, x View) {
	m := &b.Moment[k]
	rows := b.kept(m.Mask)
	m.N = float64(len(rows))
	if len(rows) == 0 {
		clearAll(m.Mean)
		clearAll(m.SS)
		return
	}
	_ = x.Row(rows[len(rows)-1])[:b.Cols]
	first := c.strips
	if b.Cols >= manyColumns {
		first = c.rows
	}
	for lo := 0; lo < b.Cols; lo += CallColumns {
		Between(lo > 0)
		hi := min(lo+CallColumns, b.Cols)
		shift, s1, s2 := b.shift[lo:hi], b.s1[lo:hi], b.s2[lo:hi]
		first(&x.Data[lo], x.Stride, rows, shift, s1, s2, !b.Near)
		eights := (hi - lo) &^ 7
		far := b.far[lo/8:][:eights/8]
		if c.centre(shift[:eights], s1, s2, 1/m.N, m.Mean[lo:hi], m.SS[lo:hi], far) != 0 {
			c.eightsAgain(b, m, x, rows, lo, far)
		}
		if rest := lo + eights; rest < hi {
			if bits := b.centreRest(m, rest); bits != 0 {
				c.again(b, m, x, rows, rest, bits)
			}
		}
	}
}

// eightsAgain takes the columns from lo on again that have a bit in far.
func (c *columnKernels) eightsAgain(b *Block[float32], m *BlockMoments, x View, rows []int, lo int, far []uint8) {
	for i, bits := range far {
		if bits != 0 {
			c.again(b, m, x, rows, lo+8*i, bits)
		}
	}
}

// centreRest centres the columns from lo on, fewer than eight, and returns the
// bits of those whose shift is too far from their mean.
func (b *Block[T]) centreRest(m *BlockMoments, lo int) (far uint8) {
	for j := lo; j < b.Cols; j++ {
		c, ss, near := centre(float64(b.s1[j]), float64(b.s2[j]), 1/m.N)
		m.Mean[j], m.SS[j] = float64(b.shift[j])+c, ss
		if !near {
			far |= 1 << (j - lo)
		}
	}
	return far
}

// again takes up to eight columns from lo on again, those with a bit in far
// around the mean that was found; the sums of the others come out as they were.
func (c *columnKernels) again(b *Block[float32], m *BlockMoments, x View, rows []int, lo int, far uint8) {
	hi := min(lo+8, b.Cols)
	for j := lo; j < hi; j++ {
		if far>>(j-lo)&1 != 0 {
			b.shift[j] = float32(m.Mean[j])
		}
	}
	c.sums(&x.Data[lo], x.Stride, rows, b.shift[lo:hi], b.s1[lo:hi], b.s2[lo:hi])
	for j := lo; j < hi; j++ {
		if far>>(j-lo)&1 != 0 {
			c, ss, _ := centre(float64(b.s1[j]), float64(b.s2[j]), 1/m.N)
			m.Mean[j], m.SS[j] = float64(b.shift[j])+c, ss
		}
	}
}
