package generated_test

import (
	"math"
	"slices"

	"github.com/normgen/normgen/testdata/vectors"
)

// overflow handles a step of float32 in which a sum of squares leaves the
// format. Then each row has the IEEE result of its infinite variance, which is
// beta or NaN, or it is right; nothing finite is wrong. It reports whether a row
// is not right: block sums are joined in float64, so a long row may be.
func (k *checker) overflow(i int, got map[string]vectors.Tensor) bool {
	s := k.c.Step(i)
	x := k.r.matrix(s.In["x"])
	if !k.byRow() || !overflows(x) {
		return false
	}
	right := make([]bool, x.Shape[0])
	for row, set := range vectors.RowSets(x.Shape[0], x.Shape[1]) {
		right[row] = k.rowRight(i, got, set)
		if !right[row] && !k.rowIEEE(i, got, set) {
			k.t.Errorf("%v: %s: row %d overflows to something finite and wrong: y %v, dx %v", k.c, k.name, row,
				vectors.Gather(got["y"].Data, set), vectors.Gather(got["dx"].Data, set))
		}
	}
	if !slices.Contains(right, false) {
		return false
	}
	k.overflowParams(i, got, right)
	return true
}

func overflows(x vectors.Tensor) bool {
	for _, set := range vectors.RowSets(x.Shape[0], x.Shape[1]) {
		row := vectors.Gather(x.Data, set)
		if vectors.Dot(row, row) > math.MaxFloat32 {
			return true
		}
	}
	return false
}

// rowRight replaces all other rows by what is wanted and measures.
func (k *checker) rowRight(i int, got map[string]vectors.Tensor, set []int) bool {
	want := k.c.Step(i).Want
	one := map[string]vectors.Tensor{}
	for _, name := range []string{"y", "dx"} {
		data := append([]float64{}, want[name].Data...)
		for _, at := range set {
			data[at] = got[name].Data[at]
		}
		one[name] = vectors.Tensor{Shape: want[name].Shape, Data: data}
	}
	return k.measure(i, one).Within()
}

// rowIEEE reports whether a row is what an infinite variance makes of it: an
// xhat of 0 or NaN, and a dx of 0 or NaN.
func (k *checker) rowIEEE(i int, got map[string]vectors.Tensor, set []int) bool {
	beta := k.c.Params["beta"].Data
	for j, at := range set {
		y, dx := got["y"].Data[at], got["dx"].Data[at]
		want := 0.0
		if beta != nil {
			want = beta[j]
		}
		if !math.IsNaN(y) && y != want || !math.IsNaN(dx) && dx != 0 {
			return false
		}
	}
	return true
}

// overflowParams holds dgamma to the sum over the rows that are right, or NaN,
// and dbeta to its value: it does not see the statistics.
func (k *checker) overflowParams(i int, got map[string]vectors.Tensor, right []bool) {
	s := k.c.Step(i)
	x, dy := k.r.matrix(s.In["x"]), k.r.matrix(s.In["dy"])
	eps := k.c.Float("eps")
	for j := range x.Shape[1] {
		var sum, terms, db, dbTerms float64
		for row := range right {
			at := row*x.Shape[1] + j
			db, dbTerms = db+dy.Data[at], dbTerms+math.Abs(dy.Data[at])
			if !right[row] {
				continue
			}
			data := x.Data[row*x.Shape[1]:][:x.Shape[1]]
			set := vectors.Uncentred(data, nil, eps)
			if centred[k.c.Op] {
				set = vectors.Centred(data, nil, eps)
			}
			sum, terms = sum+dy.Data[at]*set.Xhat[j], terms+math.Abs(dy.Data[at]*set.Xhat[j])
		}
		if g := got["dgamma"].Data[j]; !math.IsNaN(g) && !(k.format.Param(g, sum, terms) <= vectors.ParamBound) {
			k.t.Errorf("%v: %s: dgamma[%d] is %v, the rows that are right have %v", k.c, k.name, j, g, sum)
		}
		if g, ok := got["dbeta"]; ok && !(k.format.Param(g.Data[j], db, dbTerms) <= vectors.ParamBound) {
			k.t.Errorf("%v: %s: dbeta[%d] is %v, want %v", k.c, k.name, j, g.Data[j], db)
		}
	}
}
