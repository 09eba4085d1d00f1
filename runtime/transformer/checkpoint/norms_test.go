package checkpoint

import (
	"math"
	"slices"
	"testing"

	"github.com/normgen/normgen/generated"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer"
)

// TestImportedNorms reads the tensors of three modules from a file that PyTorch 2.15
// has written, and compares what the norms make of them in evaluation with what the
// modules did: LayerNorm, BatchNorm1d, and the buffers and formula of MaskPowerNorm of
// sIncerass/powernorm with two groups. Comparing goes by the largest output of a row;
// 2e-6 is 30 roundings of float32, of which each side has about ten in a row.
func TestImportedNorms(t *testing.T) {
	const rows, cols, tolerance = 5, 8, 2e-6
	const file = "testdata/norms.safetensors"
	for _, c := range []struct {
		norm, prefix, names string
		knobs               map[string]float64
		step                int
	}{
		{"LayerNorm", "ln", "*.gamma *.weight\n*.beta *.bias\n- bn.*\n- pn.*", nil, 1},
		{"BatchNorm", "bn", "*.gamma *.weight\n*.beta *.bias\n*.step *.num_batches_tracked -1\n- ln.*\n- pn.*", nil, 1235},
		{"PowerNormReleased", "pn", "*.gamma *.weight\n*.beta *.bias\n*.phi *.running_phi [1,N,1,1]\n*.e *.ema_gz [1,N,1,1]\n*.step *.iters [1] -1\n- ln.*\n- bn.*",
			map[string]float64{"K": 2}, 1235},
	} {
		t.Run(c.norm, func(t *testing.T) {
			norm := library(t, c.norm, cols, c.knobs)
			x, want := make([]float32, rows*cols), make([]float32, rows*cols)
			tensors := []transformer.Tensor{{Name: "x", Shape: []int{rows, cols}, Data: x}, {Name: "y." + c.prefix, Shape: []int{rows, cols}, Data: want}}
			for _, v := range slices.Concat(norm.Params(), norm.State()) {
				tensors = append(tensors, transformer.Tensor{Name: c.prefix + "." + v.Name, Shape: []int{cols}, Data: v.Data})
			}
			counters := []transformer.Counter{{Name: c.prefix + ".step", Value: 1}}
			if err := Import(file, tensors, counters, parse(t, c.names+"\n- y.*")); err != nil {
				t.Fatal(err)
			}
			if err := norm.SetStep(int(counters[0].Value)); err != nil || norm.Step() != c.step {
				t.Errorf("the next step is %d: %v", norm.Step(), err)
			}
			y := make([]float32, rows*cols)
			if err := norm.Infer(runtime.Matrix(y, rows, cols), runtime.Matrix(x, rows, cols)); err != nil {
				t.Fatal(err)
			}
			for i := range rows {
				got, want := y[i*cols:][:cols], want[i*cols:][:cols]
				largest, worst := 0.0, 0.0
				for j := range got {
					largest = max(largest, math.Abs(float64(want[j])))
					worst = max(worst, math.Abs(float64(got[j])-float64(want[j])))
				}
				if !(worst <= tolerance*largest) || largest == 0 {
					t.Errorf("row %d is %v, want %v", i, got, want)
				}
			}
		})
	}
}

// library makes a norm of the library.
func library(t *testing.T, name string, cols int, knobs map[string]float64) runtime.Norm {
	t.Helper()
	for _, m := range generated.Catalogue() {
		if m.Name == name {
			n, err := m.Make(cols, knobs)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("there is no norm %s", name)
	return nil
}
