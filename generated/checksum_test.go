package generated_test

import (
	"encoding/binary"
	"flag"
	"fmt"
	"hash"
	"hash/fnv"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
)

var update = flag.Bool("update", false, "rewrite the committed checksums and results")

// checksums is what every machine, build and GOAMD64 level must compute.
const checksums = "testdata/checksums.txt"

// TestChecksums compares the bits of every layer with committed ones: two builds
// that agree with plan.Eval could still both differ from other machines.
func TestChecksums(t *testing.T) {
	var got strings.Builder
	for _, name := range names() {
		fmt.Fprintf(&got, "%s float32 %016x\n", name, checksum[float32](t, name))
		fmt.Fprintf(&got, "%s float64 %016x\n", name, checksum[float64](t, name))
	}
	if *update {
		if err := os.WriteFile(checksums, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(checksums)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("bits have changed; if that is meant, run the test with -update\ngot:\n%swant:\n%s", &got, want)
	}
}

// checksum hashes outputs, gradients and states of some steps.
func checksum[T runtime.Float](t *testing.T, name string) uint64 {
	h, u := fnv.New64a(), planned(t)[name]
	for _, s := range []struct{ rows, cols int }{{65, 64}, {100, 300}} {
		sizes := normtest.EvenSizes(u, s.rows, s.cols)
		hashSteps(t, h, newRig[T](t, name, sizes), s.rows, sizes)
	}
	return h.Sum64()
}

func hashSteps[T runtime.Float](t *testing.T, h hash.Hash, r *rig[T], rows int, sizes []int) {
	g := rand.New(rand.NewPCG(7, uint64(rows)))
	w := r.NewWork(rows)
	for _, fill := range slices.Sorted(maps.Keys(normtest.Fills)) {
		b := normtest.NewSample[T](r.Unit, g, sizes, fill, nil)
		for _, x := range b.Tensor {
			snap(x)
		}
		o := r.Mount(w, b, 0).Train(t)
		for _, y := range r.Unit.Layer.Outputs {
			hashVector(h, o[y.Name])
		}
		for _, x := range r.Unit.Grads {
			hashVector(h, o["d"+x.Name])
		}
		for _, n := range append(r.Grads(), r.State()...) {
			hashVector(h, normtest.Widen(n.Data))
		}
	}
}

// snap rounds to a grid: math functions differ in the last bit between machines,
// and the inputs must not.
func snap[T runtime.Float](x []T) {
	for i, v := range x {
		x[i] = T(math.Round(float64(v)*1024) / 1024)
	}
}

func hashVector(h hash.Hash, v []float64) {
	var b [8]byte
	for _, x := range v {
		bits := math.Float64bits(x)
		if x != x {
			bits = 0x7ff8000000000000
		}
		binary.LittleEndian.PutUint64(b[:], bits)
		h.Write(b[:])
	}
}
