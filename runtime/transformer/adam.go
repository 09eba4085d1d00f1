package transformer

import (
	"math"

	"github.com/normgen/normgen/runtime"
)

// An adam is the optimizer of Kingma and Ba (2015) over all parameters. It is a task:
// its parts are pieces of parameters.
type adam[T runtime.Float] struct {
	training Training
	params   []ParamOf[T]
	m, v     [][]T
	pieces   []piece
	squares  []float64 // of the gradients, by piece

	// Of the step at hand.
	norming      bool
	factor       T // of gradients: clipping
	rate         T // over the correction of m
	correct      T // 1 over the root of the correction of v
	beta1, beta2 T
	eps, decay   T
}

// A piece is the elements lo to hi of a parameter.
type piece struct{ param, lo, hi int }

// pieceLen is the length of a piece: the five arrays of one fit a second cache.
const pieceLen = 1 << 14

func newAdam[T runtime.Float](t Training, params []ParamOf[T]) *adam[T] {
	a := &adam[T]{training: t, params: params, beta1: T(t.Beta1), beta2: T(t.Beta2), eps: T(t.Eps)}
	for i, p := range params {
		a.m = append(a.m, make([]T, len(p.Data)))
		a.v = append(a.v, make([]T, len(p.Data)))
		for lo := 0; lo < len(p.Data); lo += pieceLen {
			a.pieces = append(a.pieces, piece{i, lo, min(lo+pieceLen, len(p.Data))})
		}
	}
	a.squares = make([]float64, len(a.pieces))
	return a
}

// norm returns the length of the gradient of all parameters.
func (a *adam[T]) norm(c *crew) float64 {
	a.norming = true
	c.run(a, len(a.pieces))
	sum := 0.0
	for _, s := range a.squares {
		sum += s
	}
	return math.Sqrt(sum)
}

// update takes step number step with gradients of length norm, and clears them.
func (a *adam[T]) update(c *crew, step int, norm float64) (rate float64) {
	t := &a.training
	factor := 1.0
	if t.Clip > 0 && norm > t.Clip {
		factor = t.Clip / norm
	}
	rate = t.rate(step)
	s := float64(step)
	a.norming, a.factor = false, T(factor)
	a.rate = T(rate / (1 - math.Pow(t.Beta1, s)))
	a.correct = T(1 / math.Sqrt(1-math.Pow(t.Beta2, s)))
	a.decay = T(rate * t.WeightDecay)
	c.run(a, len(a.pieces))
	return rate
}

func (a *adam[T]) part(_, i int) {
	p := a.pieces[i]
	grad := a.params[p.param].Grad[p.lo:p.hi]
	if a.norming {
		a.squares[i] = squares(grad)
		return
	}
	decay := a.decay
	if len(a.params[p.param].Shape) < 2 {
		decay = 0
	}
	a.move(a.params[p.param].Data[p.lo:p.hi], grad, a.m[p.param][p.lo:p.hi], a.v[p.param][p.lo:p.hi], decay)
}

// squares returns the sum of squares of x, in four sums.
func squares[T runtime.Float](x []T) float64 {
	var s [4]float64
	n := len(x) &^ 3
	for j := 0; j < n; j += 4 {
		q := x[j:][:4:4]
		s[0] += float64(float64(q[0]) * float64(q[0]))
		s[1] += float64(float64(q[1]) * float64(q[1]))
		s[2] += float64(float64(q[2]) * float64(q[2]))
		s[3] += float64(float64(q[3]) * float64(q[3]))
	}
	for _, v := range x[n:] {
		s[0] += float64(float64(v) * float64(v))
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}

func (a *adam[T]) move(x, grad, m, v []T, decay T) {
	one := T(1)
	grad, m, v = grad[:len(x)], m[:len(x)], v[:len(x)]
	for j := range x {
		g := grad[j] * a.factor
		grad[j] = 0
		m[j] = T(a.beta1*m[j]) + T((one-a.beta1)*g)
		v[j] = T(a.beta2*v[j]) + T(T((one-a.beta2)*g)*g)
		step := T(a.rate*m[j]) / (T(runtime.Sqrt(v[j])*a.correct) + a.eps)
		x[j] = x[j] - T(decay*x[j]) - step
	}
}
