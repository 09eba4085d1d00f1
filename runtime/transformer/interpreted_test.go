package transformer_test

import (
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/train"
	"github.com/normgen/normgen/generated/variants"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer"
)

// An interpreted norm has the passes and updates of the interpreter, which knows
// what the spec means. The generated norm that it stands for holds its
// parameters, gradients, state and works.
type interpreted struct {
	runtime.NormOf[float64]
	layer *train.Layer
	batch train.Batch
	pass  *train.Pass
}

func (n *interpreted) Forward(w *runtime.Work64, y, x runtime.View64, keep []bool) error {
	if err := n.NormOf.Forward(w, y, x, keep); err != nil {
		return err
	}
	// All rows lie along the first row axis, as the models have it.
	sizes, err := interp.SizesOf(n.layer.Layer, n.layer.Knobs, map[string]int{"C": n.Cols(), "N": x.Rows, "T": x.Rows, "B": 1})
	if err != nil {
		return err
	}
	n.batch = train.Batch{Sizes: sizes, Inputs: [][]float64{elements(x)}}
	if keep != nil {
		mask := make([]float64, len(keep))
		for i, k := range keep {
			if k {
				mask[i] = 1
			}
		}
		n.batch.Masks = [][]float64{mask}
	}
	for i, p := range n.Params() {
		n.layer.Values[n.layer.Params[i]] = append([]float64(nil), p.Data...)
	}
	if n.pass, err = n.layer.Run(n.layer.Modes[0], n.batch); err != nil {
		return err
	}
	for r := range y.Rows {
		copy(y.Row(r), n.pass.Outputs[0][r*y.Cols:])
	}
	return nil
}

func elements(v runtime.View64) (out []float64) {
	for r := range v.Rows {
		out = append(out, v.Row(r)...)
	}
	return out
}

func (n *interpreted) Backward(w *runtime.Work64, dx, dy runtime.View64, _ runtime.GradMode) error {
	var before [][]float64
	for _, g := range n.Grads() {
		before = append(before, append([]float64(nil), g.Data...))
	}
	unused := runtime.Matrix(make([]float64, dx.Rows*dx.Cols), dx.Rows, dx.Cols)
	if err := n.NormOf.Backward(w, unused, dy, runtime.Accumulate); err != nil {
		return err
	}
	n.batch.Cotangents = [][]float64{elements(dy)}
	var err error
	if n.pass, err = n.layer.Run(n.layer.Modes[0], n.batch); err != nil {
		return err
	}
	for r := range dx.Rows {
		for j := range dx.Row(r) {
			dx.Row(r)[j] += n.pass.Grads[0][r*dx.Cols+j]
		}
	}
	for i, g := range n.Grads() {
		for j := range g.Data {
			g.Data[j] = before[i][j] + n.pass.Grads[1+i][j]
		}
	}
	return nil
}

func (n *interpreted) Commit(works ...*runtime.Work64) error {
	if err := n.NormOf.Commit(works...); err != nil {
		return err
	}
	if err := n.layer.Commit(n.pass); err != nil {
		return err
	}
	for i, s := range n.State() {
		copy(s.Data, n.layer.Value(n.layer.States[i], n.batch.Sizes))
	}
	return nil
}

// lowered returns a norm of a spec file, before anything is derived by a back end.
func lowered(t *testing.T, file, norm string) *ir.Layer {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f, errs := dsl.Parse(file, src)
	if errs.HasErrors() {
		t.Fatal(errs)
	}
	p, errs := dsl.Check(f)
	if errs.HasErrors() {
		t.Fatal(errs)
	}
	units, err := gen.Lower(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range units {
		if u.Layer.Name == norm {
			return u.Layer
		}
	}
	t.Fatalf("%s has no norm %s", file, norm)
	return nil
}

// TestInterpreted trains models whose norms declare a backward that is not the
// derivative, once with the generated norms and once with the interpreter's:
// parameters, moments and state stay together.
func TestInterpreted(t *testing.T) {
	warm := func(cols int) (runtime.NormOf[float64], error) {
		return variants.NewPowerNormWarm64(cols, variants.PowerNormWarmOptions{W: 2}) // both kernels in four steps
	}
	for _, c := range []struct {
		name, file string
		maker      transformer.NormMakerOf[float64]
		knobs      map[string]float64
	}{
		{"PowerNorm", "powernorm", makers64["PowerNorm"], nil},
		{"PowerNormReleased", "powernorm", makers64["PowerNormReleased"], nil},
		{"PowerNormWarm", "variants", warm, map[string]float64{"W": 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			layer := lowered(t, "../../testdata/"+c.file+".dsl", c.name)
			oracle := func(cols int) (runtime.NormOf[float64], error) {
				n, err := c.maker(cols)
				l := train.New(layer)
				for k, v := range c.knobs {
					l.Knobs[k] = v
				}
				return &interpreted{NormOf: n, layer: l}, err
			}
			compareTraining(t, c.maker, oracle)
		})
	}
}

func compareTraining(t *testing.T, makers ...transformer.NormMakerOf[float64]) {
	t.Helper()
	config := tinyTranslator()
	var runs [2]*transformer.TrainerOf[float64]
	for i, maker := range makers {
		m := newModel(t, config, maker, transformer.EngineOf[float64]{})
		shake(m, rand.New(rand.NewPCG(1, 2)))
		runs[i] = newTrainer(t, m, transformer.Training{Rate: 1e-3, Eps: 1e-4})
	}
	for step := range 4 {
		b := randomBatch(rand.New(rand.NewPCG(3, uint64(step))), &config, 4, 6, 5, true)
		got, want := steps(t, runs[0], 1, b), steps(t, runs[1], 1, b)
		if d := math.Abs(got.GradNorm - want.GradNorm); !(d <= 1e-9*want.GradNorm) {
			t.Fatalf("step %d: the gradient has length %v, by the interpreter %v", step+1, got.GradNorm, want.GradNorm)
		}
	}
	// Rounding of float64, through four steps of a model with some dozen sums in a row.
	for i, x := range runs[0].Tensors() {
		for j, v := range x.Data {
			want := runs[1].Tensors()[i].Data[j]
			if d := math.Abs(v - want); !(d <= 1e-9*max(1e-3, math.Abs(want))) {
				t.Fatalf("%s, element %d is %v, by the interpreter %v", x.Name, j, v, want)
			}
		}
	}
}
