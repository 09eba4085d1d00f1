package gap

import "math"

// A Gap says how far a declared gradient is from the derived one. What has no
// value, since a gradient vanishes or is not finite, is nil.
type Gap struct {
	Cosine   *float64 `json:"cosine"`
	Relative *float64 `json:"relative"` // |declared - derived| / |derived|
	At       []int    `json:"at"`       // the element that differs most
	Declared *float64 `json:"declared"` // its values
	Derived  *float64 `json:"derived"`

	worst int
}

func between(declared, derived []float64) Gap {
	var g Gap
	var dot, dd, rr, ee, most float64
	for i, d := range declared {
		r := derived[i]
		dot, dd, rr, ee = dot+d*r, dd+d*d, rr+r*r, ee+(d-r)*(d-r)
		if e := math.Abs(d - r); e > most {
			most, g.worst = e, i
		}
	}
	g.Cosine = finite(dot / (math.Sqrt(dd) * math.Sqrt(rr)))
	g.Relative = finite(math.Sqrt(ee) / math.Sqrt(rr))
	if len(declared) > 0 {
		g.Declared, g.Derived = finite(declared[g.worst]), finite(derived[g.worst])
	}
	return g
}

func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}
