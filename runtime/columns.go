package runtime

// ColumnMoments computes the centred moments of moment k of the sweep over the
// block's kept rows of x, column by column: the shift is the mean of the first
// rows, and a column whose shift proves far from its mean is taken again. The
// moments of no rows are zeros.
func (b *Block[T]) ColumnMoments(k int, x ViewOf[T]) {
	m := &b.Moment[k]
	rows := b.kept(m.Mask)
	m.N = float64(len(rows))
	if len(rows) == 0 {
		clearAll(m.Mean)
		clearAll(m.SS)
		return
	}
	b.shiftColumns(x, rows)
	b.sumColumns(x, rows)
	inv := 1 / m.N
	for j := range b.Cols {
		c, ss, near := centre(float64(b.s1[j]), float64(b.s2[j]), inv)
		shift := float64(b.shift[j])
		if !near {
			again := T(shift + c)
			s1, s2 := columnSums(x, rows, j, again)
			c, ss, _ = centre(float64(s1), float64(s2), inv)
			shift = float64(again)
		}
		m.Mean[j], m.SS[j] = shift+c, ss
	}
}

// everyRow lists the rows of a block.
var everyRow = func() (rows [BlockRows]int) {
	for i := range rows {
		rows[i] = i
	}
	return rows
}()

// kept lists the rows of the block that mask keeps; mask 0 keeps all.
func (b *Block[T]) kept(mask int) []int {
	if mask == 0 {
		return everyRow[:b.N]
	}
	rows := b.rows[:0]
	for i, keep := range b.Mask[mask-1][:b.N] {
		if keep {
			rows = append(rows, i)
		}
	}
	return rows
}

// shiftColumns folds the first rows, a power of two, by halves.
func (b *Block[T]) shiftColumns(x ViewOf[T], rows []int) {
	p := shiftCount(len(rows), maxColShift)
	shift := b.shift[:b.Cols]
	for j := range shift {
		var first [maxShift]T
		for i, r := range rows[:p] {
			first[i] = x.Data[r*x.Stride+j]
		}
		shift[j] = foldShift(&first, p)
	}
}

func (b *Block[T]) sumColumns(x ViewOf[T], rows []int) {
	n := b.Cols
	shift, s1, s2 := b.shift[:n], b.s1[:n], b.s2[:n]
	for j := range n {
		s1[j], s2[j] = negZero[T](), negZero[T]()
	}
	var quad [4][]T
	for lo := 0; lo < len(rows); lo += 4 {
		m := min(4, len(rows)-lo)
		for i := range m {
			quad[i] = x.Row(rows[lo+i])[:n]
		}
		if m < 4 {
			addPart(s1, s2, shift, quad[:m])
			continue
		}
		x0, x1, x2, x3 := quad[0], quad[1], quad[2], quad[3]
		for j := range n {
			s, t := quadMoments(x0[j]-shift[j], x1[j]-shift[j], x2[j]-shift[j], x3[j]-shift[j])
			s1[j] += s
			s2[j] += t
		}
	}
}

// quadMoments adds four distances and their squares: pairs first, which halves
// the error of adding them one by one.
func quadMoments[T Float](a, b, c, d T) (T, T) {
	return (a + c) + (b + d), (T(a*a) + T(c*c)) + (T(b*b) + T(d*d))
}

// addPart adds a last quad of fewer than four rows.
func addPart[T Float](s1, s2, shift []T, rows [][]T) {
	for j := range s1 {
		s, t := partMoments(rows, j, shift[j])
		s1[j] += s
		s2[j] += t
	}
}

func partMoments[T Float](rows [][]T, j int, shift T) (T, T) {
	z := negZero[T]()
	d, q := [4]T{z, z, z, z}, [4]T{z, z, z, z}
	for i, r := range rows {
		d[i] = r[j] - shift
		q[i] = T(d[i] * d[i])
	}
	return (d[0] + d[2]) + (d[1] + d[3]), (q[0] + q[2]) + (q[1] + q[3])
}

// columnSums takes one column again.
func columnSums[T Float](x ViewOf[T], rows []int, j int, shift T) (T, T) {
	s1 := negZero[T]()
	s2 := s1
	for lo := 0; lo < len(rows); lo += 4 {
		var quad [4][]T
		m := min(4, len(rows)-lo)
		for i := range m {
			quad[i] = x.Row(rows[lo+i])
		}
		s, t := partMoments(quad[:m], j, shift)
		s1 += s
		s2 += t
	}
	return s1, s2
}
