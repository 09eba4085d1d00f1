package checkpoint

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/normgen/normgen/runtime/transformer"
)

// names says what PyTorch calls the tensors of three norms. The last one is
// MaskPowerNorm of sIncerass/powernorm.
const names = `
# parameters
*.gamma  *.weight
*.beta   *.bias
layer.*  ln.*   # fits the step of the norm as well, and makes it no tensor

# BatchNorm1d
batch.*    bn.*
bn.step    bn.num_batches_tracked  -1

power.*   pn.*
pn.phi    pn.running_phi  [1,N,1,1]
pn.e      pn.ema_gz       [1,N,1,1]
pn.step   pn.iters        [1]  -1

-  mixed.mask
`

func parse(t testing.TB, text string) *Table {
	t.Helper()
	table, err := ParseTable(text)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// quarters are n numbers from first on.
func quarters[T float32 | float64](first T, n int) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = first + T(i)/4
	}
	return out
}

// torch is what the file has that PyTorch has written: a LayerNorm, a BatchNorm1d and
// the buffers of MaskPowerNorm, filled with quarters.
func torch() State {
	var s State
	for i, name := range []string{"layer.gamma", "layer.beta", "batch.gamma", "batch.beta", "batch.running_mean", "batch.running_var",
		"power.gamma", "power.beta", "power.phi", "power.e"} {
		s.Tensors = append(s.Tensors, transformer.Tensor{Name: name, Shape: []int{4}, Data: quarters(float32(i), 4)})
	}
	s.Counters = []transformer.Counter{{Name: "layer.step", Value: 9}, {Name: "batch.step", Value: 8}, {Name: "power.step", Value: 42}, {Name: "draw", Value: 5}}
	return s
}

// mixed are tensors of other types in the same file.
func mixed() []transformer.Tensor {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	negative := float32(math.Copysign(0, -1))
	return []transformer.Tensor{
		{Name: "mixed.half", Shape: []int{10}, Data: []float32{0, negative, 1, -2.5, 65504, 0x1p-24, 0x1p-14, 0.333251953125, inf, nan}},
		{Name: "mixed.bfloat", Shape: []int{10}, Data: []float32{0, negative, 1, -2.5, 65536, 0x1p-24, 0x1p-14, 0.333984375, inf, nan}},
		{Name: "mixed.double", Shape: []int{10}, Data: []float32{0, negative, 1, -2.5, 65504, 0x1p-24, 0x1p-14, float32(1) / 3, inf, nan}},
	}
}

// TestImportPyTorch reads a file that PyTorch 2.15 has written with safetensors 0.8.
func TestImportPyTorch(t *testing.T) {
	want := torch()
	want.Tensors = append(want.Tensors, mixed()...)
	got := zeroed(want.Tensors)
	counters := []transformer.Counter{{Name: "layer.step", Value: 9}, {Name: "batch.step"}, {Name: "power.step"}, {Name: "draw", Value: 5}}
	if err := Import("testdata/pytorch.safetensors", got, counters, parse(t, names)); err != nil {
		t.Fatal(err)
	}
	for i := range got {
		for j, v := range got[i].Data {
			if w := want.Tensors[i].Data[j]; math.Float32bits(v) != math.Float32bits(w) && !(v != v && w != w) {
				t.Errorf("%s: element %d is %v, want %v", got[i].Name, j, v, w)
			}
		}
	}
	if diff := cmp.Diff(want.Counters, counters); diff != "" {
		t.Error(diff)
	}
}

// TestImportDouble: memory of float64 takes the same file.
func TestImportDouble(t *testing.T) {
	got := []transformer.TensorOf[float64]{{Name: "bn.running_var", Shape: []int{4}, Data: make([]float64, 4)},
		{Name: "mixed.double", Shape: []int{10}, Data: make([]float64, 10)}}
	table := parse(t, "- ln.*\n- bn.weight\n- bn.bias\n- bn.running_mean\n- bn.num_*\n- pn.*\n- mixed.half\n- mixed.bfloat\n- mixed.mask")
	if err := Import("testdata/pytorch.safetensors", got, nil, table); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(quarters(5.0, 4), got[0].Data); diff != "" {
		t.Error(diff)
	}
	if v := got[1].Data[7]; v != float64(float32(1)/3) { // the tensor was made of float32 numbers
		t.Errorf("a third is %v", v)
	}
}

// TestExport: what is exported has PyTorch's names, shapes and counters, and comes
// back.
func TestExport(t *testing.T) {
	path := filepath.Join(t.TempDir(), "exported")
	table := parse(t, names)
	s := torch()
	if err := Export(path, s, table); err != nil {
		t.Fatal(err)
	}
	data, size, err := openRegular(path)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	f, metadata, err := newTensors(path, data, size)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"format": "pt"}, metadata); diff != "" {
		t.Error(diff)
	}
	got := map[string]string{}
	for _, i := range f.Tensors {
		got[i.Name] = i.Type + shape(i.Shape)
	}
	want := map[string]string{
		"ln.weight": "F32 4", "ln.bias": "F32 4",
		"bn.weight": "F32 4", "bn.bias": "F32 4", "bn.running_mean": "F32 4", "bn.running_var": "F32 4", "bn.num_batches_tracked": "I64",
		"pn.weight": "F32 4", "pn.bias": "F32 4", "pn.running_phi": "F32 1 4 1 1", "pn.ema_gz": "F32 1 4 1 1", "pn.iters": "I64 1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	back, counters := zeroed(s.Tensors), []transformer.Counter{{Name: "layer.step", Value: 9}, {Name: "batch.step"}, {Name: "power.step"}, {Name: "draw", Value: 5}}
	if err := Import(path, back, counters, table); err != nil {
		t.Fatal(err)
	}
	if !sameBits(s.Tensors, back) {
		t.Errorf("%v came back", back)
	}
	if diff := cmp.Diff(s.Counters, counters); diff != "" {
		t.Error(diff)
	}
}

func shape(dims []int) string {
	var out strings.Builder
	for _, n := range dims {
		out.WriteString(" " + string(rune('0'+n)))
	}
	return out.String()
}

func TestImportRefused(t *testing.T) {
	one := func(name string, dims ...int) []transformer.Tensor {
		n := 1
		for _, d := range dims {
			n *= d
		}
		return []transformer.Tensor{{Name: name, Shape: dims, Data: make([]float32, n)}}
	}
	for _, c := range []struct {
		name     string
		tensors  []transformer.Tensor
		counters []transformer.Counter
		table    string
		want     string
	}{
		{"missing", one("norm.gamma", 4), nil, names, `tensor "norm.weight" is missing; it would be "norm.gamma" here`},
		{"shape", one("power.phi", 2, 2), nil, names, `tensor "pn.running_phi" has shape [1 4 1 1]; that of "power.phi" is [2 2]`},
		{"type", one("bn.num_batches_tracked"), nil, "", `tensor "bn.num_batches_tracked": it has elements of I64`},
		{"unknown", nil, nil, "- ln.*\n- bn.*\n- pn.*", `tensor "mixed.`},
		{"two names", append(one("layer.gamma", 4), one("ln.weight", 4)...), nil, names, `tensor "ln.weight" is wanted twice`},
		{"no counter", nil, []transformer.Counter{{Name: "a.step"}}, "*.step *.iters [1]", `tensor "a.iters" is missing; it would be counter "a.step" here`},
		{"counter of many", nil, []transformer.Counter{{Name: "a.step"}}, "a.step ln.weight [1]", `tensor "ln.weight" has 4 elements of F32: a counter has one of I64`},
		{"counter below 0", nil, []transformer.Counter{{Name: "step"}}, "step pn.iters 42\n- *.weight\n- *.bias\n- mixed.*\n- pn.running_phi\n- pn.ema_gz\n- bn.*",
			`tensor "pn.iters" is 41: a counter is not negative`},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := Import("testdata/pytorch.safetensors", c.tensors, c.counters, parse(t, c.table))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestExportRefused(t *testing.T) {
	for _, c := range []struct{ state, table, want string }{
		{"step 0", "step iters -1", `counter "step" is 0, with -1 there: that is no counter`},
		{"step 1", "step iters [2]", `counter "step": shape [2] has 2 elements, and there are 1`},
		{"tensor", "w v [3,N]", `tensor "w": shape [3 2] has 6 elements, and there are 2`},
		{"tensor", "w s [2]\nstep s +0", `two tensors are called "s"`},
	} {
		s := State{Counters: []transformer.Counter{{Name: "step", Value: 1}}}
		if c.state == "step 0" {
			s.Counters[0].Value = 0
		}
		if c.state == "tensor" {
			s.Tensors = []transformer.Tensor{{Name: "w", Shape: []int{2}, Data: []float32{1, 2}}}
		}
		err := Export(filepath.Join(t.TempDir(), "out"), s, parse(t, c.table))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.table, err, c.want)
		}
	}
}

func TestTable(t *testing.T) {
	table := parse(t, `
		*.gamma                      *.weight
		encoder.layers.*.feed_norm.* encoder.layers.*.norm2.*   # the second one
		*.in_proj.*                  *.in_proj_*
		a.$1*                        b$2*
	`)
	for here, there := range map[string]string{
		"encoder.layers.3.feed_norm.gamma":        "encoder.layers.3.norm2.weight",
		"encoder.layers.10.feed_norm.beta":        "encoder.layers.10.norm2.beta",
		"decoder.layers.0.self_attn.in_proj.bias": "decoder.layers.0.self_attn.in_proj_bias",
		"gamma":      "gamma",
		".gamma":     ".gamma", // a star is one character at least
		"x.gamma.y":  "x.gamma.y",
		"a.$1rest":   "b$2rest",
		"other.name": "other.name",
	} {
		if got := table.name(here).name; got != there {
			t.Errorf("%s is %s there, want %s", here, got, there)
		}
	}
}

func TestTableRefused(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"\na", `line 2 of the names: "a" is one word`},
		{"a.* b", `"a.*" and "b" have not the same number of stars`},
		{"a b [1,n]", `"[1,n]" is no shape: "n" is neither N nor a number`},
		{"a b [1,0]", `"0" is neither N nor a number`},
		{"a b [1", `"[1" is no shape: it has no ] at the end`},
		{"a b c", `"c" is neither a shape such as [1,N] nor a number`},
		{"a b [1] 1 2", `"2" is one word too many`},
		{"\xffa b", `"\xffa" is no pattern`},
		{"- \xffa", `"\xffa" is no pattern`},
		{"- a [1]", `"[1]" is behind a name that is left out`},
	} {
		if _, err := ParseTable(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.text, err, c.want)
		}
	}
}

// TestHalf goes through all numbers of 16 bits, against their meaning.
func TestHalf(t *testing.T) {
	for b := range 1 << 16 {
		sign, exponent, fraction := 1-2*float64(b>>15), b>>10&31, float64(b&0x3ff)
		want := sign * math.Ldexp(1024+fraction, exponent-25)
		switch {
		case exponent == 0:
			want = sign * math.Ldexp(fraction, -24)
		case exponent == 31 && fraction == 0:
			want = math.Inf(int(sign))
		case exponent == 31:
			want = math.NaN()
		}
		got := float64(half(uint16(b)))
		if math.Float64bits(got) != math.Float64bits(want) && !(got != got && want != want) {
			t.Fatalf("%#04x is %v, want %v", b, got, want)
		}
	}
}

// FuzzTable: no table makes a reader of names panic, and every rule keeps to its
// pattern.
func FuzzTable(f *testing.F) {
	f.Add(names, "layer.gamma")
	f.Add("a.$1* b$2${1}*\n*.* *.*.*", "a.$1x")
	f.Add("- *\n* x* [N] +3\n", "\\E(.+)")
	f.Fuzz(func(t *testing.T, rules, name string) {
		table, err := ParseTable(rules)
		if err != nil {
			return
		}
		c := table.name(name)
		if len(table.rules) == 0 && c.name != name {
			t.Errorf("%q became %q without a rule", name, c.name)
		}
		_, _ = c.shaped([]int{2}, 2)
		_ = table.omits(name)
	})
}
