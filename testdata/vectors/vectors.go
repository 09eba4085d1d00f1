// Package vectors holds the reference numbers that every interpreter and kernel
// is tested against. They were made independently of the compiler: an 80-bit
// computation for most operations, PyTorch float64 for the rest.
//
// Inputs are exactly representable in float32, so one case serves float32 and
// float64 kernels. Outputs are float64. The numbers live in vectors.gz, which
// the program in pack writes.
package vectors

import (
	_ "embed"
	"fmt"
	"math"
	"sync"
)

//go:embed vectors.gz
var packed []byte

// Tensor is a row-major array. Integers and booleans are stored as float64;
// Bool says that the data are 0 or 1.
type Tensor struct {
	Shape []int
	Data  []float64
	Bool  bool
}

// Step is one call of a layer: what goes in and what must come out. For a
// layer with state, Want also holds the state after the step. Scale gives the
// size of the terms that cancel in an output, for outputs that may be zero.
type Step struct {
	In, Want map[string]Tensor
	Scale    map[string]float64
}

// Case is one operation with its attributes, its parameters and one or more
// steps. Parameters and attributes are constant over a case.
//
// Names are the same in both suites: x, dy, gamma, beta in; y, dx, dgamma,
// dbeta, mean, rstd out. A case that only infers (BatchNorm on its running
// statistics) has no Steps, only Eval.
type Case struct {
	Suite       string // "zoo" or "autograd"
	ID          string
	Op          string
	Class       string             // how the inputs were drawn: "randn", "offset1e4", ...
	Attrs       map[string]any     // bool, float64 (integers too), string or nil
	Params      map[string]Tensor  // gamma, beta, g, alpha, ...
	State       map[string]Tensor  // before the first step; nil if the layer has none
	Steps       []Step             // a layer without state has exactly one
	Eval        *Step              // inference after the last step, or nil
	ExpectError bool               // the input must be rejected; the step has no Want
	Err32       map[string]float64 // error of PyTorch float32 on this case; +Inf if it was not finite
	Err64       map[string]float64 // the same for float64
	Note        string
}

var decoded = sync.OnceValues(func() ([]*Case, error) { return Decode(packed) })

// All returns every case, sorted by suite and ID. The cases are shared between
// callers and must not be changed.
func All() ([]*Case, error) { return decoded() }

// Op returns the cases of one operation, "layernorm" or "pn_paper" say. An
// operation without cases is an error, so that a misspelt test cannot pass.
func Op(name string) ([]*Case, error) {
	all, err := All()
	if err != nil {
		return nil, err
	}
	var cs []*Case
	for _, c := range all {
		if c.Op == name {
			cs = append(cs, c)
		}
	}
	if cs == nil {
		return nil, fmt.Errorf("vectors: no cases of operation %q", name)
	}
	return cs, nil
}

// Float returns a numeric attribute. It panics if the case has none of that
// name: a test that asks for it is wrong.
func (c *Case) Float(name string) float64 { return attr[float64](c, name) }

// Int returns an integer attribute.
func (c *Case) Int(name string) int { return int(c.Float(name)) }

// Bool returns a boolean attribute.
func (c *Case) Bool(name string) bool { return attr[bool](c, name) }

// String returns suite and ID, the name for a subtest.
func (c *Case) String() string { return c.Suite + "/" + c.ID }

func attr[T any](c *Case, name string) T {
	v, ok := c.Attrs[name].(T)
	if !ok {
		panic(fmt.Sprintf("vectors: %v: attribute %s is %v (%[3]T)", c, name, c.Attrs[name]))
	}
	return v
}

// Float32 returns the data as float32. Inputs convert exactly.
func (t Tensor) Float32() []float32 {
	fs := make([]float32, len(t.Data))
	for i, v := range t.Data {
		fs[i] = float32(v)
	}
	return fs
}

// Exact32 reports whether every element is a float32.
func (t Tensor) Exact32() bool {
	for _, v := range t.Data {
		if math.Float64bits(float64(float32(v))) != math.Float64bits(v) {
			return false
		}
	}
	return true
}
