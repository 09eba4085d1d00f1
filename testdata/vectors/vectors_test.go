package vectors

import (
	"crypto/sha256"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// checksum is the SHA-256 of vectors.gz. A new value means new numbers.
const checksum = "a43d2ad5ed3065ee8eacd7c570e4cacc04b9ba9b288539d44ce335df2c745a4e"

func TestChecksum(t *testing.T) {
	if got := fmt.Sprintf("%x", sha256.Sum256(packed)); got != checksum {
		t.Errorf("vectors.gz has checksum %s", got)
	}
}

func all(t *testing.T) []*Case {
	t.Helper()
	cs, err := All()
	if err != nil {
		t.Fatal(err)
	}
	return cs
}

func TestCounts(t *testing.T) {
	counts := map[string]int{}
	for _, c := range all(t) {
		counts[c.Suite]++
		counts[c.Suite+" "+c.Op]++
		if c.ExpectError {
			counts["rejected"]++
		}
	}
	want := map[string]int{
		"zoo": 182, "autograd": 155, "rejected": 4,
		"autograd layernorm": 47, "autograd rmsnorm": 31, "autograd batchnorm": 55,
		"autograd groupnorm": 16, "autograd instancenorm": 6,
	}
	for k, n := range want {
		if counts[k] != n {
			t.Errorf("%d cases of %s, want %d", counts[k], k, n)
		}
	}
}

func TestSortedAndUnique(t *testing.T) {
	var names []string
	for _, c := range all(t) {
		names = append(names, c.String())
	}
	slices.Reverse(names)
	if !slices.IsSortedFunc(names, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Error("cases are not sorted by suite and ID")
	}
	if n := len(slices.Compact(names)); n != len(names) {
		t.Errorf("%d names for %d cases", n, len(names))
	}
}

func TestOpUnknown(t *testing.T) {
	if _, err := Op("layer_norm"); err == nil {
		t.Error("Op accepts a name without cases")
	}
}

func find(t *testing.T, name string) *Case {
	t.Helper()
	for _, c := range all(t) {
		if c.String() == name {
			return c
		}
	}
	t.Fatalf("no case %s", name)
	return nil
}

// tensorsOf calls f for every tensor of the case.
func tensorsOf(c *Case, f func(name string, t Tensor, input bool)) {
	each := func(m map[string]Tensor, input bool) {
		for name, t := range m {
			f(name, t, input)
		}
	}
	each(c.Params, true)
	each(c.State, true)
	steps := c.Steps
	if c.Eval != nil {
		steps = append(slices.Clone(steps), *c.Eval)
	}
	for _, s := range steps {
		each(s.In, true)
		each(s.Want, false)
	}
}

func TestTensors(t *testing.T) {
	for _, c := range all(t) {
		tensorsOf(c, func(name string, v Tensor, input bool) {
			if size(v.Shape) != len(v.Data) {
				t.Errorf("%v: %s has %d values for shape %v", c, name, len(v.Data), v.Shape)
			}
			if input && !v.Exact32() {
				t.Errorf("%v: input %s is not exactly float32", c, name)
			}
			if v.Bool != (name == "pad") {
				t.Errorf("%v: %s: Bool is %v", c, name, v.Bool)
			}
			for _, x := range v.Data {
				if math.IsNaN(x) || math.IsInf(x, 0) {
					t.Errorf("%v: %s holds %v", c, name, x)
					break
				}
			}
		})
	}
}

// TestNames holds both suites to one vocabulary, and gradients to their inputs.
func TestNames(t *testing.T) {
	for _, c := range all(t) {
		if c.Eval == nil && len(c.Steps) == 0 {
			t.Errorf("%v has nothing to run", c)
		}
		tensorsOf(c, func(name string, v Tensor, _ bool) {
			if slices.Contains([]string{"b", "db", "running_mean_0"}, name) {
				t.Errorf("%v: name %s", c, name)
			}
		})
		for _, s := range c.Steps {
			for name, in := range s.In {
				if d, ok := s.Want["d"+name]; ok && !slices.Equal(d.Shape, in.Shape) {
					t.Errorf("%v: d%s has shape %v", c, name, d.Shape)
				}
			}
			for name, in := range c.Params {
				if d, ok := s.Want["d"+name]; ok && !slices.Equal(d.Shape, in.Shape) {
					t.Errorf("%v: d%s has shape %v", c, name, d.Shape)
				}
			}
		}
	}
}

func TestSequence(t *testing.T) {
	c := find(t, "autograd/batch_norm_089_randn_3x4x5")
	if len(c.Steps) != 6 || c.Eval != nil || c.Attrs["momentum"] != nil {
		t.Fatalf("%d steps, eval %v, momentum %v", len(c.Steps), c.Eval, c.Attrs["momentum"])
	}
	for i, s := range c.Steps {
		if n := s.In["x"].Shape[0]; n != 3+i%3 {
			t.Errorf("step %d has batch %d", i, n)
		}
		if len(s.Want["running_var"].Data) != 4 {
			t.Errorf("step %d lacks its state", i)
		}
	}
}

func TestInferenceOnly(t *testing.T) {
	c := find(t, "autograd/batch_norm_057_randn_17x19")
	if len(c.Steps) != 0 || c.Eval == nil || len(c.State["running_mean"].Data) != 19 || c.Bool("training") {
		t.Errorf("%+v", c)
	}
}

// TestKnownNumber recomputes the mean and one output of a row by hand.
func TestKnownNumber(t *testing.T) {
	c := find(t, "zoo/layernorm_1x7_d1_randn")
	s := c.Steps[0]
	x, n := s.In["x"].Data, 7.0
	var sum, squares float64
	for _, v := range x {
		sum += v
		squares += v * v
	}
	mean := sum / n
	rstd := 1 / math.Sqrt(squares/n-mean*mean+c.Float("eps"))
	y := (x[3]-mean)*rstd*c.Params["gamma"].Data[3] + c.Params["beta"].Data[3]
	if got := s.Want["mean"].Data[0]; math.Abs(got-mean) > 1e-15 {
		t.Errorf("mean is %v, by hand %v", got, mean)
	}
	if got := s.Want["y"].Data[3]; math.Abs(got-y) > 1e-14 {
		t.Errorf("y[3] is %v, by hand %v", got, y)
	}
	if want := -1.5390625; x[0] != want {
		t.Errorf("x[0] is %v, want %v", x[0], want)
	}
}

func TestErrNotFinite(t *testing.T) {
	c := find(t, "zoo/layernorm_2x17_d1_huge1e20")
	if !math.IsInf(c.Err32["y"], 1) && !(c.Err32["y"] > 1e-3) {
		t.Errorf("float32 torch overflows here, but its error is %v", c.Err32["y"])
	}
}

func TestRoundTrip(t *testing.T) {
	cs := all(t)
	b, err := Encode(cs)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(cs, again) {
		t.Error("Decode(Encode(cases)) differs from cases")
	}
	b2, err := Encode(again)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(b, b2) {
		t.Error("Encode is not deterministic")
	}
}

func TestDecodeDamaged(t *testing.T) {
	b, err := decompress(packed)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 5, len(magic), len(magic) + 8, 5000, len(b) - 1} {
		cut, err := compress(b[:n])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(cut); err == nil {
			t.Errorf("Decode accepts the first %d bytes", n)
		}
	}
	if _, err := Decode([]byte("no gzip")); err == nil {
		t.Error("Decode accepts plain text")
	}
}
