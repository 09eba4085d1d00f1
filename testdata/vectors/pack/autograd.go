package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/normgen/normgen/testdata/vectors"
)

// autogradFile is a case of the autograd suite. Its names differ from the
// zoo's; autogradCase translates them.
type autogradFile struct {
	Name, Op, Fill string
	Attributes     struct {
		Eps             float64
		NormalizedShape []int `json:"normalized_shape"`
		NumGroups       int   `json:"num_groups"`
		Momentum        *float64
		Training        bool
		Steps           int
		Affine          string // "none", "w" or "wb"
	}
	Inputs, Outputs []autogradTensor
}

type autogradTensor struct {
	Name, Dtype string
	Dims        []int
	B64         []byte
}

var zooNames = map[string]string{
	"w": "gamma", "b": "beta", "dw": "dgamma", "db": "dbeta",
	"layer_norm": "layernorm", "rms_norm": "rmsnorm", "batch_norm": "batchnorm",
	"group_norm": "groupnorm", "instance_norm": "instancenorm",
}

func zooName(s string) string {
	if t, ok := zooNames[s]; ok {
		return t
	}
	return s
}

func autogradCase(f autogradFile) (*vectors.Case, error) {
	c := &vectors.Case{
		Suite: "autograd", ID: f.Name, Op: zooName(f.Op), Class: f.Fill, Attrs: f.attrs(),
		Params: map[string]vectors.Tensor{},
	}
	steps := make([]vectors.Step, max(1, f.Attributes.Steps))
	for i := range steps {
		steps[i] = vectors.Step{In: map[string]vectors.Tensor{}, Want: map[string]vectors.Tensor{}}
	}
	for _, t := range f.Inputs {
		if err := f.addInput(c, steps, t); err != nil {
			return nil, err
		}
	}
	for _, t := range f.Outputs {
		if err := f.addOutput(steps, t); err != nil {
			return nil, err
		}
	}
	if f.Op == "batch_norm" && !f.Attributes.Training {
		c.Eval = &steps[0]
	} else {
		c.Steps = steps
	}
	return c, nil
}

// attrs returns the attributes under the zoo's names.
func (f autogradFile) attrs() map[string]any {
	a := f.Attributes
	m := map[string]any{"eps": a.Eps, "affine": a.Affine != "none"}
	switch f.Op {
	case "layer_norm":
		m["normalized_dims"] = float64(len(a.NormalizedShape))
		m["bias"] = a.Affine == "wb"
	case "rms_norm":
		m["normalized_dims"] = float64(len(a.NormalizedShape))
		m["bias"] = false
		m["eps_mode"] = "inside"
		m["unit_offset"] = false
		m["partial"] = nil
		m["partial_count"] = float64(product(a.NormalizedShape))
	case "group_norm":
		m["groups"] = float64(a.NumGroups)
	case "instance_norm":
		m["track_running_stats"] = false
	case "batch_norm":
		m["track_running_stats"] = true
		m["training"] = a.Training
		m["momentum"] = nil
		if a.Momentum != nil {
			m["momentum"] = *a.Momentum
		}
	}
	return m
}

func (f autogradFile) addInput(c *vectors.Case, steps []vectors.Step, t autogradTensor) error {
	v, err := t.decode()
	if err != nil {
		return err
	}
	name, step := stepName(t.Name)
	switch {
	case step >= len(steps):
		return fmt.Errorf("input %s belongs to no step", t.Name)
	case data[name]:
		steps[step].In[name] = v
	case strings.HasPrefix(name, "running_"):
		if c.State == nil {
			c.State = map[string]vectors.Tensor{}
		}
		c.State[name] = v
	default:
		c.Params[zooName(name)] = v
	}
	return nil
}

func (f autogradFile) addOutput(steps []vectors.Step, t autogradTensor) error {
	v, err := t.decode()
	if err != nil {
		return err
	}
	name, step := stepName(t.Name)
	if step >= len(steps) {
		return fmt.Errorf("output %s belongs to no step", t.Name)
	}
	if name == "mean" || name == "rstd" {
		v.Shape = f.statShape(steps[step].In["x"].Shape)
	}
	if product(v.Shape) != len(v.Data) {
		return fmt.Errorf("output %s: %d values for shape %v", t.Name, len(v.Data), v.Shape)
	}
	steps[step].Want[zooName(name)] = v
	return nil
}

// statShape is the shape of mean and rstd in the zoo; the suite stores them
// flat.
func (f autogradFile) statShape(x []int) []int {
	switch f.Op {
	case "batch_norm":
		return x[1:2]
	case "group_norm", "instance_norm":
		return []int{x[0], f.Attributes.NumGroups}
	}
	return x[:len(x)-len(f.Attributes.NormalizedShape)]
}

// stepName splits x_3 into x and 3. A name without a number is of step 0.
func stepName(s string) (string, int) {
	if n := len(s); n > 2 && s[n-2] == '_' && '0' <= s[n-1] && s[n-1] <= '9' {
		return s[:n-2], int(s[n-1] - '0')
	}
	return s, 0
}

func (t autogradTensor) decode() (vectors.Tensor, error) {
	v := vectors.Tensor{Shape: t.Dims, Data: make([]float64, product(t.Dims))}
	width := map[string]int{"float32": 4, "float64": 8}[t.Dtype]
	if width == 0 || len(t.B64) != width*len(v.Data) {
		return v, fmt.Errorf("%s: %d bytes for %s %v", t.Name, len(t.B64), t.Dtype, t.Dims)
	}
	for i := range v.Data {
		b := t.B64[i*width:]
		if width == 4 {
			v.Data[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
		} else {
			v.Data[i] = math.Float64frombits(binary.LittleEndian.Uint64(b))
		}
	}
	return v, nil
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
