package checkpoint_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/normgen/normgen/runtime/transformer"
	"github.com/normgen/normgen/runtime/transformer/checkpoint"
)

// A state is saved, and read into the memory of another run. A trainer's Tensors,
// Counters and Check fit here.
func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "run.safetensors")
	err = checkpoint.Save(path, checkpoint.State{
		Tensors:  []transformer.Tensor{{Name: "norm.gamma", Shape: []int{3}, Data: []float32{1, 2, 3}}},
		Counters: []transformer.Counter{{Name: "step", Value: 100}},
		Notes:    map[string]string{"corpus": "tinyshakespeare"},
	})
	if err != nil {
		log.Fatal(err)
	}

	f, err := checkpoint.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	gamma := make([]float32, 3)
	if err := checkpoint.Read(f, []transformer.Tensor{{Name: "norm.gamma", Shape: []int{3}, Data: gamma}}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(gamma, f.Counters["step"], f.Notes["corpus"])
	// Output:
	// [1 2 3] 100 tinyshakespeare
}

// A table says what another program calls the same things.
func ExampleExport() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "pytorch.safetensors")
	names, err := checkpoint.ParseTable(`
		*.gamma  *.weight
		*.phi    *.running_phi  [1,N,1,1]
		*.step   *.iters        [1] -1
	`)
	if err != nil {
		log.Fatal(err)
	}
	tensors := []transformer.Tensor{
		{Name: "norm.gamma", Shape: []int{3}, Data: []float32{1, 2, 3}},
		{Name: "norm.phi", Shape: []int{3}, Data: []float32{4, 5, 6}},
	}
	counters := []transformer.Counter{{Name: "norm.step", Value: 101}}
	if err := checkpoint.Export(path, checkpoint.State{Tensors: tensors, Counters: counters}, names); err != nil {
		log.Fatal(err)
	}

	counters[0].Value = 0
	clear(tensors[1].Data)
	if err := checkpoint.Import(path, tensors, counters, names); err != nil {
		log.Fatal(err)
	}
	fmt.Println(tensors[1].Data, counters[0].Value)
	// Output:
	// [4 5 6] 101
}
