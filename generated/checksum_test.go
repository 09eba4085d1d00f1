package generated_test

import (
	"encoding/binary"
	"flag"
	"fmt"
	"hash"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/runtime"
)

var update = flag.Bool("update", false, "rewrite the committed checksums and results")

// checksums is what every machine, build and GOAMD64 level must compute.
const checksums = "testdata/checksums.txt"

// TestChecksums compares the bits of every norm with committed ones: two builds
// that agree with plan.Eval could still both differ from other machines.
func TestChecksums(t *testing.T) {
	var got strings.Builder
	for _, u := range compiled(t) {
		mk := makers[u.Name]
		fmt.Fprintf(&got, "%s float32 %016x\n", u.Name, checksum(t, u, mk.f32))
		fmt.Fprintf(&got, "%s float64 %016x\n", u.Name, checksum(t, u, mk.f64))
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
func checksum[T runtime.Float](t *testing.T, u *plan.Unit, mk func(cols, groups int) (runtime.NormOf[T], error)) uint64 {
	h := fnv.New64a()
	for _, s := range []struct{ rows, cols int }{{65, 64}, {100, 300}} {
		groups := 1
		if len(u.Cols) > 1 {
			groups = 4
		}
		layer, err := mk(s.cols, groups)
		if err != nil {
			t.Fatal(err)
		}
		hashSteps(t, h, u, layer, s.rows)
	}
	return h.Sum64()
}

func hashSteps[T runtime.Float](t *testing.T, h hash.Hash, u *plan.Unit, l runtime.NormOf[T], rows int) {
	r := rand.New(rand.NewPCG(7, uint64(rows)))
	w := l.NewWork(rows)
	if err := shapeRows(u, w, rows); err != nil {
		t.Fatal(err)
	}
	for _, fill := range slices.Sorted(fillNames()) {
		x, dy := exact[T](r, fill, rows*l.Cols()), exact[T](r, "randn", rows*l.Cols())
		y, dx := make([]T, len(x)), make([]T, len(x))
		for _, err := range []error{
			l.Forward(w, runtime.Matrix(y, rows, l.Cols()), runtime.Matrix(x, rows, l.Cols()), nil),
			l.Backward(w, runtime.Matrix(dx, rows, l.Cols()), runtime.Matrix(dy, rows, l.Cols()), runtime.Overwrite),
			l.Commit(w),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, v := range [][]T{y, dx} {
			hashVector(h, v)
		}
		for _, n := range append(l.Grads(), l.State()...) {
			hashVector(h, n.Data)
		}
	}
}

func fillNames() func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for name := range fills {
			if !yield(name) {
				return
			}
		}
	}
}

// exact fills with numbers on a grid: math functions differ in the last bit
// between machines, and the inputs must not.
func exact[T runtime.Float](r *rand.Rand, fill string, n int) []T {
	out := filled[T](r, fill, n)
	for i, v := range out {
		out[i] = T(math.Round(float64(v)*1024) / 1024)
	}
	return out
}

func hashVector[T runtime.Float](h hash.Hash, v []T) {
	var b [8]byte
	for _, x := range v {
		bits := math.Float64bits(float64(x))
		if x != x {
			bits = 0x7ff8000000000000
		}
		binary.LittleEndian.PutUint64(b[:], bits)
		h.Write(b[:])
	}
}
