package generated_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/generated/residual"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/vectors"
)

// A residualNorm is a layer with two inputs, their sum as second output, and one
// gradient for both.
type residualNorm[T runtime.Float] interface {
	NewWork(maxRows int) *runtime.WorkOf[T]
	Forward(w *runtime.WorkOf[T], y, hout, x, res runtime.ViewOf[T], _ []bool) error
	Backward(w *runtime.WorkOf[T], dx, dy, dhout runtime.ViewOf[T], mode runtime.GradMode) error
	Params() []runtime.NamedOf[T]
	Grads() []runtime.NamedOf[T]
}

// A residualStep is one step's numbers, dense.
type residualStep[T runtime.Float] struct {
	rows, cols        int
	x, res, dy, dhout []T
	y, h, dx          []T
}

func (s *residualStep[T]) run(t *testing.T, l residualNorm[T]) {
	t.Helper()
	s.y, s.h, s.dx = make([]T, len(s.x)), make([]T, len(s.x)), make([]T, len(s.x))
	view := func(v []T) runtime.ViewOf[T] { return runtime.Matrix(v, s.rows, s.cols) }
	w := l.NewWork(s.rows)
	if err := l.Forward(w, view(s.y), view(s.h), view(s.x), view(s.res), nil); err != nil {
		t.Fatal(err)
	}
	// The backward may write over a cotangent, and must not need the inputs.
	clear(s.x)
	clear(s.res)
	copy(s.dx, s.dy)
	if err := l.Backward(w, view(s.dx), view(s.dx), view(s.dhout), runtime.Overwrite); err != nil {
		t.Fatal(err)
	}
}

// TestResidualVectors holds the norms of a sum to the reference vectors.
func TestResidualVectors(t *testing.T) {
	residualVectors(t, vectors.Float32, map[string]func(int) (residualNorm[float32], error){
		"add_layernorm": func(c int) (residualNorm[float32], error) {
			return residual.NewAddLayerNorm(c, residual.AddLayerNormOptions{Eps: 1e-5})
		},
		"add_rmsnorm": func(c int) (residualNorm[float32], error) {
			return residual.NewAddRMSNorm(c, residual.AddRMSNormOptions{Eps: 1e-5})
		}})
	residualVectors(t, vectors.Float64, map[string]func(int) (residualNorm[float64], error){
		"add_layernorm": func(c int) (residualNorm[float64], error) {
			return residual.NewAddLayerNorm64(c, residual.AddLayerNormOptions{Eps: 1e-5})
		},
		"add_rmsnorm": func(c int) (residualNorm[float64], error) {
			return residual.NewAddRMSNorm64(c, residual.AddRMSNormOptions{Eps: 1e-5})
		}})
}

func residualVectors[T runtime.Float](t *testing.T, format vectors.Format, makers map[string]func(int) (residualNorm[T], error)) {
	for op, mk := range makers {
		cs, err := vectors.Op(op)
		if err != nil || len(cs) != 2 {
			t.Fatalf("%s: %d cases: %v", op, len(cs), err)
		}
		for _, c := range cs {
			in, want := c.Steps[0].In, c.Steps[0].Want
			cols := in["x"].Shape[len(in["x"].Shape)-1]
			l, err := mk(cols)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range l.Params() {
				param, ok := in[p.Name]
				if !ok {
					param = c.Params[p.Name]
				}
				copy(p.Data, rounded[T](param.Data))
			}
			s := &residualStep[T]{rows: len(in["x"].Data) / cols, cols: cols, x: rounded[T](in["x"].Data), res: rounded[T](in["residual"].Data),
				dy: rounded[T](in["dy"].Data), dhout: rounded[T](in["dh_out"].Data)}
			s.run(t, l)
			got := map[string][]float64{"y": widen(s.y), "h": widen(s.h), "dx": widen(s.dx)}
			for _, g := range l.Grads() {
				got["d"+g.Name] = widen(g.Data)
			}
			for name, w := range want {
				// 8 and 16 u of DESIGN's bounds, on the largest element.
				bound := map[bool]float64{true: 8, false: 16}[name == "y" || name == "h"]
				if e := vectors.Relative(got[name], w.Data, 0) / format.Unit; !(e <= bound) {
					t.Errorf("%v %s: %.1f u, want at most %.0f", c, name, e, bound)
				}
			}
		}
	}
}

// TestResidualBits holds them to plan.Eval, bit for bit.
func TestResidualBits(t *testing.T) {
	l32, _ := residual.NewAddLayerNorm(300, residual.AddLayerNormOptions{})
	r64, _ := residual.NewAddRMSNorm64(300, residual.AddRMSNormOptions{})
	for _, u := range compileSpec(t, "../testdata/residual.dsl") {
		t.Run(u.Name, func(t *testing.T) {
			if u.Name == "AddLayerNorm" {
				residualBits[float32](t, u, l32)
			} else {
				residualBits[float64](t, u, r64)
			}
		})
	}
}

func residualBits[T runtime.Float](t *testing.T, u *plan.Unit, l residualNorm[T]) {
	const rows, cols = 70, 300
	v := u.Train.Variants[0]
	for fill := range fills {
		r := rand.New(rand.NewPCG(5, 6))
		draw := func() []T { return filled[T](r, fill, rows*cols) }
		s := &residualStep[T]{rows: rows, cols: cols, x: draw(), res: draw(), dy: draw(), dhout: draw()}
		in, out, cot := u.Layer.Inputs, u.Layer.Outputs, u.Train.Mode.Cotangents
		f := &plan.Frame[T]{Sizes: []int{rows, cols}, Knob: map[string]float64{"eps": u.Layer.Knobs[0].Default},
			Array: map[*ir.Leaf][]T{}, Grad: map[*ir.Leaf][]T{in[0]: make([]T, rows*cols)},
			Tensor: map[*ir.Leaf][]T{in[0]: append([]T{}, s.x...), in[1]: append([]T{}, s.res...), cot[0]: s.dy, cot[1]: s.dhout,
				out[0]: make([]T, rows*cols), out[1]: make([]T, rows*cols)}}
		for i, p := range l.Params() {
			copy(p.Data, filled[T](r, "randn", cols))
			f.Array[u.Layer.Params[i]] = p.Data
		}
		plan.Eval(v.Forward, f)
		plan.Eval(v.Backward, f)
		s.run(t, l)
		checkBits(t, fill+" y", s.y, f.Tensor[out[0]])
		checkBits(t, fill+" hout", s.h, f.Tensor[out[1]])
		checkBits(t, fill+" dx", s.dx, f.Grad[in[0]])
		for i, o := range v.Backward.Outs {
			checkBits(t, fmt.Sprint(fill, " ", o.Name), l.Grads()[i].Data, rounded[T](f.Result(o)))
		}
	}
}
