package vectors

import "math"

// A kind is a column of the report.
type kind int

const (
	outputKind kind = iota // y
	inputKind              // dx
	gainKind               // dgamma, and every other parameter that multiplies
	biasKind               // dbeta
	stateKind              // statistics and states
)

var kinds = map[string]kind{
	"y": outputKind, "w": outputKind, "h": outputKind,
	"dx": inputKind, "dv": inputKind,
	"dgamma": gainKind, "dg": gainKind, "dscale": gainKind, "dalpha": gainKind,
	"dbeta": biasKind, "dshift": biasKind,
}

func kindOf(name string) kind {
	if k, ok := kinds[name]; ok {
		return k
	}
	return stateKind
}

// measure returns the errors of a step. What has no sets is compared by the
// largest difference over the largest value, with the same bounds.
func (k *Checker) measure(i int, got map[string]Tensor) Errors {
	bySet, err := k.Case.Measure(k.Format, i, got)
	e := [4]float64{bySet.Y, bySet.Dx, bySet.Dgamma, bySet.Dbeta}
	for name := range k.Case.Step(i).Want {
		at := kindOf(name)
		if at != stateKind && (err != nil || !k.measured(i, name)) {
			e[at] = math.Max(e[at], k.relative(i, got, name))
		}
	}
	if y, ok := got["infer y"]; ok {
		e[outputKind] = math.Max(e[outputKind], k.inferred(i, y))
	}
	return Errors{e[0], e[1], e[2], e[3]}
}

// measured reports whether Measure looks at a result.
func (k *Checker) measured(i int, name string) bool {
	l, err := k.Case.layout(i)
	return err == nil && (name == "y" || name == "dx" || name == "d"+l.gain || name == "d"+l.bias)
}

func (k *Checker) inferred(i int, y Tensor) float64 {
	e, err := k.Case.Measure(k.Format, i, map[string]Tensor{"y": y})
	if err != nil {
		return Relative(y.Data, k.Case.Step(i).Want["y"].Data, 0) / k.Format.Unit
	}
	return e.Y
}

// relative is the error in units of the largest value, or of the terms that are
// summed where they are larger.
func (k *Checker) relative(i int, got map[string]Tensor, name string) float64 {
	return Relative(got[name].Data, k.Case.Step(i).Want[name].Data, k.scale(i, name)) / k.Format.Unit
}

// scale is the size of the terms of a result: what the case gives, that of dgamma
// for every parameter that multiplies. In y = f(alpha*x + s) the terms of dalpha
// are dx*x/alpha, and those of ds dx/alpha.
func (k *Checker) scale(i int, name string) float64 {
	s := k.Case.Step(i)
	alpha, inside := k.Case.Params["alpha"]
	switch {
	case inside && name == "dalpha":
		return math.Abs(Dot(abs(s.Want["dx"].Data), abs(s.In["x"].Data)) / alpha.Data[0])
	case inside && name == "dshift":
		return math.Abs(Dot(abs(s.Want["dx"].Data), Repeat(1, len(s.In["x"].Data))) / alpha.Data[0])
	case kindOf(name) == gainKind:
		return s.Scale["dgamma"]
	}
	return s.Scale[name]
}

func abs(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = math.Abs(x)
	}
	return out
}
