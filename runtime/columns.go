package runtime

// ColumnMoments computes the centred moments of moment k of the sweep over the
// block's kept rows of x, column by column: the shift is the mean of the first
// rows, and a column whose shift proves far from its mean is taken again.
func (b *Block[T]) ColumnMoments(k int, x ViewOf[T]) {
	m := &b.Moment[k]
	rows := b.kept(m.Mask)
	m.N = float64(len(rows))
	if len(rows) == 0 {
		return
	}
	b.shiftColumns(x, rows)
	b.sumColumns(x, rows)
	inv := 1 / m.N
	for j := range b.Cols {
		c, ss, near := Centre(float64(b.s1[j]), float64(b.s2[j]), inv)
		shift := float64(b.shift[j])
		if !near {
			again := T(shift + c)
			s1, s2 := columnSums(x, rows, j, again)
			c, ss, _ = Centre(float64(s1), float64(s2), inv)
			shift = float64(again)
		}
		m.Mean[j], m.SS[j] = shift+c, ss
	}
}

// kept lists the rows of the block that mask keeps; mask 0 keeps all.
func (b *Block[T]) kept(mask int) []int {
	rows := b.rows[:0]
	for i := range b.N {
		if mask == 0 || b.Mask[mask-1][i] {
			rows = append(rows, i)
		}
	}
	return rows
}

// shiftColumns folds the first rows, a power of two, by halves.
func (b *Block[T]) shiftColumns(x ViewOf[T], rows []int) {
	p := ShiftCount(len(rows), maxColShift)
	shift := b.shift[:b.Cols]
	for j := range shift {
		var first [maxShift]T
		for i, r := range rows[:p] {
			first[i] = x.Data[r*x.Stride+j]
		}
		shift[j] = FoldShift(&first, p)
	}
}

func (b *Block[T]) sumColumns(x ViewOf[T], rows []int) {
	n := b.Cols
	shift, s1, s2 := b.shift[:n], b.s1[:n], b.s2[:n]
	for j := range n {
		s1[j], s2[j] = negZero[T](), negZero[T]()
	}
	for _, r := range rows {
		x := x.Row(r)[:n]
		for j := range n {
			s1[j], s2[j] = addMoment(s1[j], s2[j], x[j]-shift[j])
		}
	}
}

func columnSums[T Float](x ViewOf[T], rows []int, j int, shift T) (T, T) {
	s := negZero[T]()
	t := s
	for _, r := range rows {
		s, t = addMoment(s, t, x.Data[r*x.Stride+j]-shift)
	}
	return s, t
}
