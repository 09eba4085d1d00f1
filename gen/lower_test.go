package gen

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen/grad"
	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/pass"
)

var specs = []string{"../testdata/standard.dsl", "../testdata/powernorm.dsl", "../testdata/spatial.dsl", "../testdata/scale.dsl",
	"../testdata/weights.dsl", "../testdata/batch.dsl", "../testdata/conditional.dsl", "../testdata/pointwise.dsl", "testdata/zoo.dsl", "../dsl/testdata/zoo.dsl"}

func program(t *testing.T, name string) *dsl.Program {
	t.Helper()
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, name, string(src))
}

func parse(t *testing.T, name, src string) *dsl.Program {
	t.Helper()
	f, errs := dsl.Parse(name, []byte(src))
	if len(errs) > 0 {
		t.Fatalf("%v", errs)
	}
	p, errs := dsl.Check(f)
	if p == nil {
		for _, e := range errs {
			t.Error(e)
		}
		t.FailNow()
	}
	return p
}

func lowered(t *testing.T, name string) []Unit {
	t.Helper()
	us, err := Lower(program(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return us
}

// each calls fn for every mode of every norm of the specs.
func each(t *testing.T, fn func(t *testing.T, l *ir.Layer, m *ir.Mode)) {
	for _, name := range specs {
		for _, u := range lowered(t, name) {
			for _, m := range u.Layer.Modes {
				t.Run(u.Layer.Name+"/"+m.Name, func(t *testing.T) { fn(t, u.Layer, m) })
			}
		}
	}
}

func wrt(l *ir.Layer) []*ir.Leaf { return append(append([]*ir.Leaf{}, l.Inputs...), l.Params...) }

// Gradients agree with dual numbers: <w, J v> = <J' w, v>.
func TestDual(t *testing.T) {
	each(t, func(t *testing.T, l *ir.Layer, m *ir.Mode) {
		b, err := grad.Derive(m.Forward, m.Cotangents, wrt(l))
		if err != nil {
			t.Fatal(err)
		}
		backwards := []*ir.Func{b}
		if !m.Approximate {
			backwards = append(backwards, m.Backward)
		}
		for _, b := range backwards {
			simple := b.Clone()
			if err := pass.Run(simple, pass.Default); err != nil {
				t.Fatal(err)
			}
			for seed := range uint64(4) {
				dual(t, l, m, b, seed)
				dual(t, l, m, simple, seed)
			}
		}
	})
}

func dual(t *testing.T, l *ir.Layer, m *ir.Mode, b *ir.Func, seed uint64) {
	t.Helper()
	sizes := interp.Sizes(l, seed)
	e := interp.Sample(seed, sizes, m.Forward, b)
	dots := interp.Sample(seed+50, sizes, m.Forward).Leaves
	for leaf := range dots {
		if !slices.Contains(wrt(l), leaf) {
			delete(dots, leaf)
		}
	}
	_, jv, err := interp.RunDual(m.Forward, e, dots)
	if err != nil {
		t.Fatal(err)
	}
	jw := results(t, b, e)
	var left, right, size float64
	for i, dy := range m.Cotangents {
		left += inner(e.Leaves[dy], jv[i], &size)
	}
	for i, leaf := range wrt(l) {
		right += inner(jw[i], dots[leaf], &size)
	}
	if !(math.Abs(left-right) <= 1e-12*size) {
		t.Errorf("seed %d: <w, Jv> = %g, <J'w, v> = %g of %g", seed, left, right, size)
	}
}

func inner(a, b []float64, size *float64) float64 {
	var s float64
	for i := range b {
		if i < len(a) {
			s += a[i] * b[i]
			*size += math.Abs(a[i] * b[i])
		}
	}
	return s
}

func results(t *testing.T, f *ir.Func, e interp.Env) [][]float64 {
	t.Helper()
	out, err := interp.Run(f, e)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// frozen is f with its detached values fixed at what they are in e.
func frozen(t *testing.T, f *ir.Func, e interp.Env) *ir.Func {
	t.Helper()
	g, copied := f.Copy()
	for i, v := range f.Values {
		if v.Op != ir.Detach {
			continue
		}
		value := *f
		value.Outs = []ir.Out{{Kind: ir.StatOut, Name: "detached", Value: v}}
		leaf := &ir.Leaf{Kind: ir.InputLeaf, Name: fmt.Sprint("detached", i)}
		for d := range 32 {
			if v.Axes.Has(1 << d) {
				leaf.Dims = append(leaf.Dims, d)
			}
		}
		e.Leaves[leaf] = results(t, &value, e)[0]
		*copied[v] = ir.Value{ID: copied[v].ID, Op: ir.Load, Leaf: leaf, Axes: v.Axes}
	}
	return g
}

// The exact gradients agree with central differences, at some elements of each.
func TestDifferences(t *testing.T) {
	const eps, atol, rtol = 1e-6, 1e-7, 1e-5
	each(t, func(t *testing.T, l *ir.Layer, m *ir.Mode) {
		if m.Approximate {
			return // not the derivative, and says so
		}
		sizes := interp.Sizes(l, 3)
		e := interp.Sample(3, sizes, m.Forward, m.Backward)
		got := results(t, m.Backward, e)
		forward := frozen(t, m.Forward, e)
		loss := func() float64 {
			var s, size float64
			for i, y := range results(t, forward, e)[:len(m.Cotangents)] {
				s += inner(e.Leaves[m.Cotangents[i]], y, &size)
			}
			return s
		}
		for i, leaf := range wrt(l) {
			for k := 0; k < len(e.Leaves[leaf]); k += 1 + len(e.Leaves[leaf])/16 {
				x := e.Leaves[leaf][k]
				e.Leaves[leaf][k] = x + eps
				up := loss()
				e.Leaves[leaf][k] = x - eps
				d := (up - loss()) / (2 * eps)
				e.Leaves[leaf][k] = x
				if !(math.Abs(d-got[i][k]) <= atol+rtol*math.Abs(d)) {
					t.Errorf("d%s[%d] = %g, difference %g", leaf.Name, k, got[i][k], d)
				}
			}
		}
	})
}

// Simplification keeps every function's meaning, for every outcome of the
// uniform conditions and with and without masks.
func TestMiddle(t *testing.T) {
	for _, name := range specs {
		before, after := lowered(t, name), lowered(t, name)
		for i, u := range after {
			if err := Middle(u); err != nil {
				t.Fatal(err)
			}
			for k, m := range u.Layer.Modes {
				old := before[i].Layer.Modes[k]
				equal(t, before[i].Layer, u.Layer, old.Forward, m.Forward)
				equal(t, before[i].Layer, u.Layer, old.Backward, m.Backward)
				for j, up := range m.Updates {
					equal(t, before[i].Layer, u.Layer, old.Updates[j].Func, up.Func)
				}
			}
		}
	}
}

// equal compares functions of two lowerings of one layer, as far as rows of two
// nearly equal elements let them agree.
func equal(t *testing.T, la, lb *ir.Layer, a, b *ir.Func) {
	t.Helper()
	for seed := range uint64(4) {
		sizes := interp.Sizes(la, seed)
		ea, eb := interp.Sample(seed, sizes, a), interp.Env{Sizes: sizes, Leaves: map[*ir.Leaf][]float64{}, Step: 1}
		for _, v := range b.Values {
			for l, x := range ea.Leaves {
				if v.Op == ir.Load && l.Kind == v.Leaf.Kind && l.Name == v.Leaf.Name {
					eb.Leaves[v.Leaf] = x
				}
			}
		}
		x, y := results(t, a, ea), results(t, b, eb)
		for i := range x {
			if d := distance(x[i], y[i]); !(d < 1e-9) {
				t.Errorf("%s: %s differs by %.3g\n%s\n%s", a.Name, a.Outs[i].Name, d, la.Dump(a), lb.Dump(b))
				return
			}
		}
	}
}

// What is known of the sums: full-tensor sums of the backward that the forward
// does not have, by what they sum over.
var sums = map[string]string{
	"LayerNorm/train":         "R C C R",
	"RMSNorm/train":           "R C",
	"BatchNorm/train":         "N N",
	"BatchNorm/eval":          "N N",
	"PNV/train":               "N N",
	"PNV/eval":                "N N",
	"PowerNorm/train":         "N N",
	"PowerNorm/eval":          "N N",
	"PowerNormReleased/train": "D TB TB TB",
	"PowerNormReleased/eval":  "D TB TB",
	"GroupNorm/train":         "S S",
	"InstanceNorm/train":      "S S",
	"WeightNorm/train":        "I",
	"FiLM/train":              "C C T T",
	"AddRMSNorm/train":        "R C",
	"PartialRMS/train":        "R C",
	"BatchRenorm/train":       "N N N",
	"DyT/train":               "R R R",
	"L2Norm/train":            "C",
	"PowerNorm/train/masked":  "N N N",
	"PNV/train/masked":        "N N",
	"BatchNorm/train/masked":  "N N",
	"MaskedBatchRMS/train":    "TB",
	"DeclaredRMS/train":       "R C",
}

func TestSums(t *testing.T) {
	for _, name := range specs {
		for _, u := range lowered(t, name) {
			if err := Middle(u); err != nil {
				t.Fatal(err)
			}
			for _, m := range u.Layer.Modes {
				key := u.Layer.Name + "/" + m.Name
				expect(t, u.Layer, key, pass.Unmask(m.Forward), pass.Unmask(m.Backward))
				if len(u.Layer.Masks) > 0 {
					expect(t, u.Layer, key+"/masked", m.Forward, m.Backward)
				}
			}
		}
	}
}

func expect(t *testing.T, l *ir.Layer, key string, fwd, bwd *ir.Func) {
	t.Helper()
	var full ir.Axes
	for _, v := range bwd.Values {
		full |= v.Axes
	}
	known := ir.Match(fwd, bwd)
	var got []string
	for _, v := range bwd.Values {
		if v.Op.Reduces() && v.Args[0].Axes == full && known[v] == nil {
			got = append(got, name(l, v.Over))
		}
	}
	slices.Sort(got)
	want, ok := sums[key]
	wants := strings.Fields(want)
	slices.Sort(wants)
	t.Logf("%s: %v", key, got)
	if ok && !slices.Equal(got, wants) {
		t.Errorf("%s: sums over %v, want %v\n%s\n%s", key, got, wants, l.Dump(fwd), l.Dump(bwd))
	}
}
