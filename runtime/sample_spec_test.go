package runtime

// sampleSpec is a layer written by hand whose samples are segments, with stages
// that are linked and reductions of every scope, shape and kind. Of x[N, S, G, D],
// scale[N, G, D] and keep[N, S]:
//
//	mean, ss   moments of x over the kept rows of a sample
//	xhat       (x - mean)/sqrt(ss/count + 1)
//	y          xhat*scale, and the pooled output m[N, G, D] is mean
//	total[N]   sum of x over a sample, energy[N, G, D] that of y^2
//	z          x + (mean over the batch of y)
//
// The backward ignores what depends on mean and ss: dx = dy*scale/sqrt(...), and
// dscale sums dy*xhat over a sample.
func sampleSpec() *Spec[float64] {
	return &Spec[float64]{
		Name: "Sample", Axes: []string{"G", "D"}, Shapes: []Shape{columns: {0, 1}, perGroup: {0}, scalar: {}},
		RowAxes: []string{"N", "S"}, Segments: 1,
		Inputs:  []TensorSpec{{Name: "x"}, {Name: "scale", Segment: true}},
		Outputs: []TensorSpec{{Name: "y"}, {Name: "z"}, {Name: "m", Segment: true}},
		Grads:   []int{0, 1},
		Masks:   []MaskSpec{{Name: "keep"}},
		Stats: []StatSpec{{Name: "mean", Mask: 1}, {Name: "energy"}, {Name: "total", Shape: scalar, Inside: 1},
			{Name: "y", Batch: true, Inside: 1}, {Name: "far", Shape: scalar, Batch: true}},
		Train: []Variant[float64]{{Forward: sampleForward(0), Backward: sampleBackward()},
			{Masked: true, Forward: sampleForward(1), Backward: sampleBackward()}},
		Infer: []Variant[float64]{{Forward: sampleForward(0)}},
		Arrays: Arrays{Wide: []int{columns, scalar}, Sum: []int{columns, columns, scalar}, Moment: []int{perGroup, columns, columns},
			SegCol: []int{columns}, SegWide: []int{columns, columns, scalar}, SegSum: []int{scalar, columns}, SegMoment: []int{columns, perGroup}},
		Scratch: Scratch{Acc: 2, Values: []int{perGroup, columns}},
	}
}

// The shapes of sampleSpec.
const (
	columns = iota
	perGroup
	scalar
)

func sampleForward(mask int) Kernel[float64] {
	return Kernel[float64]{
		Stages: []Stage[float64]{{
			Sweep: sampleReduce,
			Sums:  []Sum{{Slot: 0, Small: true, Shape: scalar, Scope: OverSegment}},
			Moments: []Moment{{Slot: 0, Mask: mask, Scope: OverSegment}, {Slot: 2, Mask: mask},
				{Slot: 0, Small: true, Shape: perGroup, Mask: mask}, {Slot: 1, Small: true, Shape: perGroup, Mask: mask, Scope: OverSegment}},
		}, {
			Linked: true,
			Begin:  func(b *Block[float64]) { sampleBegin(b, mask) },
			Sweep:  sampleNormalize,
			Sums: []Sum{{Slot: 1, Small: true, Shape: columns, Scope: OverSegments}, {Slot: 1, Scope: OverSegment}, {Slot: 0},
				{Slot: 2, Small: true, Shape: scalar, Scope: OverSegments}},
			Moments: []Moment{{Slot: 1, Small: true, Shape: columns, Scope: OverSegments}},
		}, {
			Linked: true,
			Begin:  func(b *Block[float64]) { copy(b.Segment.Wide[1], b.Segment.Sum[1]) },
		}, {
			Sweep: sampleAdd,
		}},
		Finish: func(f *Frame[float64]) {
			copy(f.Wide[0], f.Sum[0])
			copy(f.Wide[1], f.Sum[2])
		},
		Stats: []Result{{Index: 0, Slot: 0, Rank: SegmentResult}, {Index: 1, Slot: 1, Rank: SegmentResult},
			{Index: 2, Slot: 2, Rank: SegmentResult}, {Index: 3, Slot: 0}, {Index: 4, Slot: 1}},
	}
}

func sampleReduce(b *Block[float64]) {
	for i := range b.N {
		x, v := b.In[0].Row(i), b.Values[0].Row(i)
		b.Small[0][0] += RowSum(x)
		for g := range v {
			d := len(x) / len(v)
			v[g] = RowMax(x[g*d : (g+1)*d])
		}
	}
	b.ColumnMoments(0, b.In[0])
	b.ColumnMoments(1, b.In[0])
	b.ValueMoments(2, 0)
	b.ValueMoments(3, 0)
}

func sampleBegin(b *Block[float64], mask int) {
	s := &b.Segment
	for j, m := range s.Mean[0] {
		s.Col[0][j] = Rsqrt(s.SS[0][j]/s.Count[mask] + 1)
		s.Wide[0][j] = m
		b.Small[0][j] += m
		b.Values[1].Row(0)[j] = m
		b.Out[2].Row(0)[j] = m
	}
	s.Wide[2][0] = s.Sum[0][0]
	b.Small[1][0] += s.Sum[0][0]
	b.ValueMoments(0, 1)
}

func sampleNormalize(b *Block[float64]) {
	mean, rstd, scale := b.Segment.Mean[0], b.Segment.Col[0], b.In[1].Row(0)
	for i := range b.N {
		x, y := b.In[0].Row(i), b.Out[0].Row(i)
		for j := range b.Width() {
			y[j] = float64((x[j]-mean[j])*rstd[j]) * scale[j]
			b.Acc[0][j] += float64(y[j] * y[j])
			b.Acc[1][j] += y[j]
		}
	}
}

func sampleAdd(b *Block[float64]) {
	for i := range b.N {
		for j, x := range b.In[0].Row(i) {
			b.Out[1].Row(i)[j] = x + b.Sum[0][j]/b.Count[0]
		}
	}
}

// sampleBackward reads dy, dz, dm, x and scale, and writes dx and dscale.
func sampleBackward() Kernel[float64] {
	return Kernel[float64]{Stages: []Stage[float64]{{
		Sums: []Sum{{Slot: 1, Scope: OverSegment}},
		Sweep: func(b *Block[float64]) {
			mean, rstd, scale := b.Segment.Wide[0], b.Segment.Col[0], b.In[4].Row(0)
			for i := range b.N {
				dy, x, dx := b.In[0].Row(i), b.In[3].Row(i), b.Out[0].Row(i)
				for j := range b.Width() {
					b.Acc[0][j] += float64(dy[j] * float64((x[j]-mean[j])*rstd[j]))
					dx[j] = float64(dy[j]*scale[j]) * rstd[j]
				}
			}
		},
	}, {
		Linked: true,
		Begin:  func(b *Block[float64]) { copy(b.Out[1].Row(0), b.Segment.Sum[1]) },
	}}}
}
