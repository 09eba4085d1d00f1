package main

import (
	"fmt"
	"math"

	"github.com/normgen/normgen/testdata/vectors"
)

// zooFile is a file of format norm-golden/1.
type zooFile struct {
	Format, ID, Op, Class string
	Attrs                 map[string]any
	Inputs, Expected      map[string]zooTensor
	Scale                 map[string]float64
	State0                map[string]zooTensor
	Steps                 []zooStep
	Eval                  *zooStep
	Err                   map[string]any
	ExpectError           bool `json:"expect_error"`
	Note                  string
}

type zooStep struct {
	Inputs, Expected map[string]zooTensor
	Scale            map[string]float64
}

type zooTensor struct {
	Shape []int
	Dtype string
	Data  []float64
}

// data are the inputs that belong to a step; every other input is a parameter.
var data = map[string]bool{"x": true, "dy": true, "pad": true, "residual": true, "dh_out": true, "v": true, "dw": true}

func zooCase(f zooFile) (*vectors.Case, error) {
	if f.Format != "norm-golden/1" {
		return nil, fmt.Errorf("format %q", f.Format)
	}
	inputs := tensors(f.Inputs)
	c := &vectors.Case{
		Suite: "zoo", ID: f.ID, Op: f.Op, Class: f.Class, Attrs: f.Attrs,
		Params: part(inputs, false), State: tensors(f.State0),
		Err32: errs(f.Err, "torch32"), Err64: errs(f.Err, "torch64"),
		ExpectError: f.ExpectError, Note: f.Note,
	}
	for _, s := range f.Steps {
		c.Steps = append(c.Steps, s.step())
	}
	if f.Steps == nil {
		c.Steps = []vectors.Step{{In: part(inputs, true), Want: tensors(f.Expected), Scale: f.Scale}}
	}
	if f.Eval != nil {
		s := f.Eval.step()
		c.Eval = &s
	}
	return c, nil
}

func (s zooStep) step() vectors.Step {
	return vectors.Step{In: tensors(s.Inputs), Want: tensors(s.Expected), Scale: s.Scale}
}

func tensors(m map[string]zooTensor) map[string]vectors.Tensor {
	if m == nil {
		return nil
	}
	out := map[string]vectors.Tensor{}
	for name, t := range m {
		out[name] = vectors.Tensor{Shape: t.Shape, Data: t.Data, Bool: t.Dtype == "bool"}
	}
	return out
}

// part returns the inputs that are data, or those that are parameters.
func part(m map[string]vectors.Tensor, wantData bool) map[string]vectors.Tensor {
	out := map[string]vectors.Tensor{}
	for name, t := range m {
		if data[name] == wantData {
			out[name] = t
		}
	}
	return out
}

// errs reads the measured errors of one torch precision. A null is a result
// that was not finite.
func errs(m map[string]any, precision string) map[string]float64 {
	e, ok := m[precision].(map[string]any)
	if !ok {
		return nil
	}
	out := map[string]float64{}
	for name, v := range e {
		f, ok := v.(float64)
		if !ok {
			f = math.Inf(1)
		}
		out[name] = f
	}
	return out
}
