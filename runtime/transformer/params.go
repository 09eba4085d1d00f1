package transformer

import (
	"math"
	"math/rand/v2"

	"github.com/normgen/normgen/runtime"
)

// A ParamOf is a parameter of a model: values and gradients in the model's own
// memory. A name such as "decoder.layers.0.self_attn.in_proj.weight" is the path of
// the layer; matrices have a row for each output, as in PyTorch. The parameters
// of norms have the name of their position and their own, such as
// "decoder.final_norm.gamma".
type ParamOf[T runtime.Float] struct {
	Name  string
	Shape []int // outermost first; their product is len(Data)
	Data  []T
	Grad  []T
}

// Param is a float32 parameter.
type Param = ParamOf[float32]

// A builder collects what the layers of a model have, in the order in which they
// are made.
type builder[T runtime.Float] struct {
	*machine[T]
	config    Config
	params    []ParamOf[T]
	positions []*PositionOf[T]
	droppers  []*dropper[T]
	shared    map[string]runtime.ViewOf[T]
}

func (b *builder[T]) param(name string, shape ...int) ParamOf[T] {
	n := 1
	for _, s := range shape {
		n *= s
	}
	p := ParamOf[T]{name, shape, make([]T, n), make([]T, n)}
	b.params = append(b.params, p)
	return p
}

// random returns the numbers that parameter name begins with: they depend on the
// seed and the name alone.
func (b *builder[T]) random(name string) *rand.Rand {
	h := b.config.Seed
	for _, c := range []byte(name) {
		h = mix(h ^ uint64(c))
	}
	return rand.New(rand.NewPCG(b.config.Seed, h))
}

// matrix makes a weight of so many outputs and inputs with the uniform numbers of
// Glorot and Bengio (2010), for outputs that act as parts many matrices side by side.
func (b *builder[T]) matrix(name string, out, in, parts int) ParamOf[T] {
	p, r := b.param(name, out, in), b.random(name)
	limit := math.Sqrt(6 / (float64(out)/float64(parts) + float64(in)))
	for i := range p.Data {
		p.Data[i] = T(limit * (2*r.Float64() - 1))
	}
	return p
}

// vectors makes an embedding: normal numbers of deviation 1/sqrt(width).
func (b *builder[T]) vectors(name string, vocab, width int) ParamOf[T] {
	p, r := b.param(name, vocab, width), b.random(name)
	for i := range p.Data {
		p.Data[i] = T(r.NormFloat64() / math.Sqrt(float64(width)))
	}
	return p
}

func (b *builder[T]) dropper(p float64) *dropper[T] {
	d := newDropper[T](len(b.droppers), p)
	b.droppers = append(b.droppers, d)
	return d
}

// dense makes a matrix of rows by columns.
func dense[T runtime.Float](rows, cols int) runtime.ViewOf[T] {
	return runtime.Matrix(make([]T, rows*cols), rows, cols)
}

// scratch makes a matrix that the layers which ask for it by that name share: it
// holds nothing from one call of a layer to the next.
func (b *builder[T]) scratch(name string, rows, cols int) runtime.ViewOf[T] {
	v, ok := b.shared[name]
	if !ok {
		v = dense[T](rows, cols)
		b.shared[name] = v
	}
	return v
}
