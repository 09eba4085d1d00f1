// Package normtest holds generated layers to their specs. It drives any layer by
// its plan, without knowing its methods, and compares it with package plan's
// evaluator, bit for bit, and with the interpreter, which knows what the spec means.
//
// normgen -fuzz writes fuzz targets that call [Fuzz] beside the layers of a spec.
package normtest

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/runtime"
)

// A Norm is a generated layer: its plan and its constructors over float32 and
// float64, nil where it is not generated.
type Norm struct {
	Unit       *plan.Unit
	New, New64 any
}

// A Rig is a layer on the test bench: with its plan, so that any layer can be
// driven without knowing its methods.
type Rig[T runtime.Float] struct {
	*runtime.LayerOf[T]
	Typed any // with the methods of its own type
	Unit  *plan.Unit
	Knobs map[string]float64 // of all, by name
}

// Has reports whether the norm is generated over T.
func Has[T runtime.Float](n Norm) bool { return n.constructor(wide[T]()) != nil }

func wide[T runtime.Float]() bool {
	_, ok := any(T(0)).(float64)
	return ok
}

func (n Norm) constructor(wide bool) any {
	if wide {
		return n.New64
	}
	return n.New
}

// NewRig makes a layer whose axes have the given sizes, with knobs by name and
// the others left to their defaults.
func NewRig[T runtime.Float](n Norm, sizes []int, knobs map[string]float64) (*Rig[T], error) {
	given := map[string]float64{}
	for name, v := range knobs {
		if n.Unit.Layer.Knob(name) != nil {
			given[name] = v
		}
	}
	for i, a := range n.Unit.Layer.Axes {
		if a.Knob != "" {
			given[a.Knob] = float64(sizes[i])
		}
	}
	return Construct[T](n, NamedSizes(n.Unit.Layer, sizes), given)
}

// Construct calls a layer's constructor: with the sizes of its columns by the
// names of their axes, and with knobs by name.
func Construct[T runtime.Float](n Norm, size map[string]int, knobs map[string]float64) (*Rig[T], error) {
	l := n.Unit.Layer
	f := reflect.ValueOf(n.constructor(wide[T]()))
	if !f.IsValid() {
		return nil, fmt.Errorf("normtest: %s has no constructor", l.Name)
	}
	var args []reflect.Value
	for _, axis := range columnAxes(l) {
		args = append(args, reflect.ValueOf(size[axis]))
	}
	options, err := options(f.Type().In(f.Type().NumIn()-1), knobs)
	if err != nil {
		return nil, err
	}
	out := f.Call(append(args, options))
	if err, _ := out[1].Interface().(error); err != nil {
		return nil, err
	}
	base := out[0].Elem().FieldByName("LayerOf").Addr().Interface()
	r := &Rig[T]{LayerOf: base.(*runtime.LayerOf[T]), Typed: out[0].Interface(), Unit: n.Unit, Knobs: map[string]float64{}}
	for _, k := range l.Knobs {
		r.Knobs[k.Name] = k.Default
		if v, ok := knobs[k.Name]; ok {
			r.Knobs[k.Name] = v
		}
	}
	return r, nil
}

// Norm is the layer as one of one input and one output; nil if it is not.
func (r *Rig[T]) Norm() runtime.NormOf[T] {
	n, _ := r.Typed.(runtime.NormOf[T])
	return n
}

// columnAxes are the arguments of a layer's constructor: the axes of its columns,
// those that are split whole, without those that the spec fixes.
func columnAxes(l *ir.Layer) []string {
	var out []string
	for _, d := range l.Inputs[0].Dims {
		name := l.Axes[d].Name
		for _, p := range l.Products {
			if slices.Contains(p.Factors, d) {
				name = p.Name
			}
		}
		if plan.Columns(l).Has(1<<d) && l.Axes[d].Size == 0 && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// options sets the fields named like the knobs.
func options(typ reflect.Type, knobs map[string]float64) (reflect.Value, error) {
	v := reflect.New(typ).Elem()
	for name, k := range knobs {
		f := v.FieldByName(fieldName(name))
		switch {
		case !f.IsValid():
			return v, fmt.Errorf("normtest: %s has no field for knob %s", typ.Name(), name)
		case f.Kind() == reflect.Int:
			f.SetInt(int64(math.Round(k)))
		case k == 0:
			f.SetFloat(runtime.Zero)
		default:
			f.SetFloat(k)
		}
	}
	return v, nil
}

// fieldName is the field of a knob, as the Go back end names it.
func fieldName(knob string) string {
	var b strings.Builder
	for _, part := range strings.Split(knob, "_") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}
