package checkpoint

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer"
)

// small is a state with a bit of everything: shapes of all kinds, a norm's running
// statistics and step, values that are not numbers.
func small() State {
	nan := math.Float32frombits(0x7fa12345) // a signalling NaN keeps its bits
	return State{
		Tensors: []transformer.Tensor{
			{Name: "embedding.weight", Shape: []int{3, 2}, Data: []float32{1, -2, 0.5, 1e-45, -math.MaxFloat32, 3}},
			{Name: "final_norm.gamma", Shape: []int{2}, Data: []float32{1.25, 0}},
			{Name: "adam.v.final_norm.gamma", Shape: []int{2}, Data: []float32{0x1p-149, 7}},
			{Name: "final_norm.running_var", Shape: []int{2}, Data: []float32{float32(math.Inf(1)), nan}},
			{Name: "scalar", Shape: []int{}, Data: []float32{float32(math.Copysign(0, -1))}},
			{Name: "nothing", Shape: []int{0, 4}, Data: []float32{}},
		},
		Counters: []transformer.Counter{
			{Name: "step", Value: 12}, {Name: "draw", Value: math.MaxUint64}, {Name: "final_norm.step", Value: 13}, {Name: "data.epoch", Value: 0},
		},
		Notes: map[string]string{"config": `{"Width":2}`, "empty": "", "text": "a\nb \"é\" <&>\u2028"},
	}
}

// zeroed is memory for the tensors of a state.
func zeroed[T runtime.Float](tensors []transformer.TensorOf[T]) []transformer.TensorOf[T] {
	out := slices.Clone(tensors)
	for i := range out {
		out[i].Data = make([]T, len(out[i].Data))
	}
	return out
}

func sameBits[T runtime.Float](a, b []transformer.TensorOf[T]) bool {
	return slices.EqualFunc(a, b, func(a, b transformer.TensorOf[T]) bool {
		return a.Name == b.Name && slices.Equal(a.Shape, b.Shape) && bytes.Equal(encode(nil, a.Data), encode(nil, b.Data))
	})
}

func save[T runtime.Float](t testing.TB, s StateOf[T]) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run.safetensors")
	if err := Save(path, s); err != nil {
		t.Fatal(err)
	}
	return path
}

// check opens a file and wants a state in it.
func check[T runtime.Float](t *testing.T, path string, want StateOf[T]) {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got := zeroed(want.Tensors)
	if err := Read(f, got); err != nil {
		t.Fatal(err)
	}
	if !sameBits(want.Tensors, got) {
		t.Errorf("read %v, want %v", got, want.Tensors)
	}
	counters := map[string]uint64{}
	for _, c := range want.Counters {
		counters[c.Name] = c.Value
	}
	if !maps.Equal(counters, f.Counters) || !maps.Equal(want.Notes, f.Notes) {
		t.Errorf("read %v and %q", f.Counters, f.Notes)
	}
}

func TestSaveRead(t *testing.T) {
	s := small()
	check(t, save(t, s), s)

	double := StateOf[float64]{Tensors: []transformer.TensorOf[float64]{
		{Name: "a", Shape: []int{3}, Data: []float64{math.Pi, math.Inf(-1), math.Float64frombits(0x7ff4000000000001)}},
	}, Notes: map[string]string{}}
	check(t, save(t, double), double)
	check(t, save(t, State{Notes: map[string]string{}}), State{Notes: map[string]string{}})
}

// TestLargeTensors: tensors of more than one chunk, whose ends are not those of
// chunks.
func TestLargeTensors(t *testing.T) {
	var s State
	s.Notes = map[string]string{}
	for i, n := range []int{1 << 14, 1<<14 + 1, 3<<14 - 1, 100003} {
		data := make([]float32, n)
		for j := range data {
			data[j] = float32(i*1000003 + j)
		}
		s.Tensors = append(s.Tensors, transformer.Tensor{Name: string(rune('a' + i)), Shape: []int{n}, Data: data})
	}
	check(t, save(t, s), s)
}

// TestSameBytes: a file is a function of the state.
func TestSameBytes(t *testing.T) {
	a, b := small(), small()
	slices.Reverse(b.Tensors)
	slices.Reverse(b.Counters)
	if !bytes.Equal(contents(t, save(t, a)), contents(t, save(t, b))) {
		t.Error("one state gives two files")
	}
}

func contents(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestVersion1: the first file of version 1 is read for ever, and is what is written
// as long as that is the version.
func TestVersion1(t *testing.T) {
	const golden = "testdata/v1.safetensors"
	check(t, golden, small())
	if !bytes.Equal(contents(t, save(t, small())), contents(t, golden)) {
		t.Error("what is written is not what version 1 was: a new format needs a new version")
	}
}

func TestSaveRefused(t *testing.T) {
	tensors := func(t ...transformer.Tensor) State { return State{Tensors: t} }
	one := transformer.Tensor{Name: "w", Shape: []int{1}, Data: []float32{1}}
	for _, c := range []struct {
		name  string
		state State
		want  string
	}{
		{"tensor twice", tensors(one, one), `two tensors are called "w"`},
		{"no name", tensors(transformer.Tensor{Shape: []int{1}, Data: []float32{1}}), `"" is no name for a tensor`},
		{"metadata", tensors(transformer.Tensor{Name: "__metadata__", Shape: []int{1}, Data: []float32{1}}), "is no name for a tensor"},
		{"long name", tensors(transformer.Tensor{Name: strings.Repeat("w", maxName+1), Shape: []int{1}, Data: []float32{1}}), "is no name for a tensor"},
		{"bytes as a name", tensors(transformer.Tensor{Name: "w\xff", Shape: []int{1}, Data: []float32{1}}), "is no name for a tensor"},
		{"bytes as a note", State{Notes: map[string]string{"n": "\xff"}}, `"note.n" is not UTF-8`},
		{"bytes as a counter", State{Counters: []transformer.Counter{{Name: "\xff"}}}, "is not UTF-8"},
		{"shape", tensors(transformer.Tensor{Name: "w", Shape: []int{2, 2}, Data: []float32{1}}), `tensor "w": shape [2 2] has 4 elements, and there are 1`},
		{"negative", tensors(transformer.Tensor{Name: "w", Shape: []int{-1, -1}, Data: []float32{1}}), `tensor "w": a dimension is negative`},
		{"rank", tensors(transformer.Tensor{Name: "w", Shape: slices.Repeat([]int{1}, 9), Data: []float32{1}}), `tensor "w": 9 dimensions`},
		{"counter twice", State{Counters: []transformer.Counter{{Name: "step"}, {Name: "step"}}}, `two counters are called "step"`},
		{"long note", State{Notes: map[string]string{strings.Repeat("n", maxName): ""}}, "at most 1024 are read"},
		{"large notes", State{Notes: map[string]string{"n": strings.Repeat("n", maxHeader)}}, "names and notes need a header of"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			err := Save(filepath.Join(dir, "run"), c.state)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if names := list(t, dir); len(names) > 0 {
				t.Errorf("%q were written", names)
			}
		})
	}
}

func list(t testing.TB, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestReadRefused: memory stays as it was if the file does not fit.
func TestReadRefused(t *testing.T) {
	path := save(t, small())
	positive := func(name string, values []float32) error {
		for i, v := range values {
			if strings.Contains(name, "running_var") && !(v >= 0) {
				return fmt.Errorf("element %d is %v: it is not negative", i, v)
			}
		}
		return nil
	}
	for _, c := range []struct {
		name   string
		change func(tensors []transformer.Tensor) []transformer.Tensor
		want   string
	}{
		{"missing", func(s []transformer.Tensor) []transformer.Tensor { s[1].Name = "final_norm.g"; return s }, `tensor "final_norm.g" is missing`},
		{"unknown", func(s []transformer.Tensor) []transformer.Tensor { return s[1:] }, `tensor "embedding.weight" is not known here`},
		{"twice", func(s []transformer.Tensor) []transformer.Tensor { return append(s, s[0]) }, `tensor "embedding.weight" is wanted twice`},
		{"shape", func(s []transformer.Tensor) []transformer.Tensor { s[0].Shape = []int{2, 3}; return s }, `tensor "embedding.weight" has shape [3 2], and that here is [2 3]`},
		{"memory", func(s []transformer.Tensor) []transformer.Tensor { s[0].Data = s[0].Data[1:]; return s }, `tensor "embedding.weight" has 6 elements, and there is memory for 5`},
		{"value", func(s []transformer.Tensor) []transformer.Tensor { return s }, `tensor "final_norm.running_var": element 1 is NaN: it is not negative`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			into := c.change(zeroed(small().Tensors))
			err = Read(f, into, positive)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "run.safetensors: ") {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if !sameBits(into, zeroed(into)) {
				t.Error("the memory was written to")
			}
		})
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := Read(f, []transformer.TensorOf[float64]{{Name: "scalar", Data: []float64{0}}}); err == nil ||
		!strings.Contains(err.Error(), `tensor "scalar" has elements of F32, and those here are F64`) {
		t.Errorf("error %v", err)
	}
}

// TestOpenRefused: what is not a file is not waited for.
func TestOpenRefused(t *testing.T) {
	if _, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("error %v", err)
	}
	if _, err := Open(filepath.Join(t.TempDir(), "run")); !os.IsNotExist(err) {
		t.Errorf("error %v", err)
	}
}
