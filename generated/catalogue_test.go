package generated_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/generated"
	"github.com/normgen/normgen/runtime"
)

// TestCatalogue holds that the catalogue has every layer whose constructor takes one
// size and makes a runtime.Norm of rows, and no other.
func TestCatalogue(t *testing.T) {
	var want []string
	for name, u := range planned(t) {
		f := reflect.TypeOf(constructors[name][0])
		if f.NumIn() == 2 && f.Out(0).Implements(reflect.TypeFor[runtime.Norm]()) && u.Layer.Axes[u.Rows[0]] != ir.UnitRow {
			want = append(want, name)
		}
	}
	var got []string
	for _, m := range generated.Catalogue() {
		got = append(got, m.Name)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the catalogue has\n%v\nand the constructors make\n%v", got, want)
	}
}

// TestCatalogueKnobs holds that the catalogue has the knobs of the specs, and that
// what it makes is what the constructors make.
func TestCatalogueKnobs(t *testing.T) {
	const cols = 8
	for _, m := range generated.Catalogue() {
		l := planned(t)[m.Name].Layer
		set, sizes := map[string]float64{}, map[string]int{}
		for i, k := range m.Knobs {
			if want := l.Knobs[i]; k.Name != want.Name || k.Default != want.Default {
				t.Errorf("%s: knob %d is %v, want %v", m.Name, i, k, want)
			}
			set[k.Name] = k.Default / 2
			if k.Size {
				set[k.Name] = 2
			}
		}
		for _, a := range l.Axes {
			sizes[a.Name] = cols
		}
		for _, p := range l.Products {
			sizes[p.Name] = cols
		}
		got, err := m.Make(cols, set)
		if err != nil {
			t.Error(err)
			continue
		}
		want, err := normtest.Construct[float32](normOf(t, m.Name), sizes, set)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(knobsOf(got), knobsOf(want.Typed)) {
			t.Errorf("%s: made with knobs %v, the constructor with %v", m.Name, knobsOf(got), knobsOf(want.Typed))
		}
		if wide, err := m.Make64(cols, set); err != nil || wide.Name() != m.Name || wide.Cols() != cols {
			t.Errorf("%s: over float64: %v", m.Name, err)
		}
	}
}

// knobsOf reads the knobs of a layer, which it does not show.
func knobsOf(layer any) []float64 {
	v := reflect.ValueOf(layer).Elem().FieldByName("LayerOf").FieldByName("knob")
	out := make([]float64, v.Len())
	for i := range out {
		out[i] = v.Index(i).Float()
	}
	return out
}

// TestCatalogueMixes holds what the catalogue says of rows to what training does: one
// row is changed, and the others are compared. Warm-ups are on in the first step and
// over in the last.
func TestCatalogueMixes(t *testing.T) {
	const rows, cols, late = 6, 8, 1 << 20
	for _, m := range generated.Catalogue() {
		mixed := false
		for _, step := range []int{1, late} {
			l, err := m.Make(cols, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := l.SetStep(step); err != nil {
				t.Fatal(err)
			}
			w := l.NewWork(rows)
			g := rand.New(rand.NewPCG(5, 6))
			x := runtime.Matrix(normtest.Filled[float32](g, "randn", rows*cols), rows, cols)
			before, after := forwardOf(t, l, w, x), []float32(nil)
			for j := range cols {
				x.Row(rows - 1)[j] = 3 - x.Row(rows - 1)[j]
			}
			after = forwardOf(t, l, w, x)
			mixed = mixed || !slices.Equal(before[:(rows-1)*cols], after[:(rows-1)*cols])
		}
		if mixed != m.Mixes {
			t.Errorf("%s: rows of a pass depend on each other: %v, the catalogue says %v", m.Name, mixed, m.Mixes)
		}
	}
}

func forwardOf(t *testing.T, l runtime.Norm, w *runtime.Work, x runtime.View) []float32 {
	t.Helper()
	y := runtime.Matrix(make([]float32, x.Rows*x.Cols), x.Rows, x.Cols)
	if err := l.Forward(w, y, x, nil); err != nil {
		t.Fatal(err)
	}
	return y.Data
}

// TestMaker holds the errors to what a user can act on.
func TestMaker(t *testing.T) {
	all := generated.Catalogue()
	m := all[slices.IndexFunc(all, func(m runtime.Maker) bool { return m.Name == "QKNorm" })]
	for want, set := range map[string]map[string]float64{
		"no knob G, h: it is QKNorm(H = 8, eps = 1e-06)": {"h": 2, "G": 1, "eps": 1},
		"H = 2.5: it is the size of an axis":             {"H": 2.5},
		"H = 0: it is the size of an axis":               {"H": 0},
		"do not split into 3*?":                          {"H": 3},
	} {
		n, err := m.Make(16, set)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", set, err, want)
		}
		if n != nil {
			t.Errorf("%v: a layer beside the error", set)
		}
	}
	m.New64 = nil
	if _, err := m.Make64(16, nil); err == nil || !strings.Contains(err.Error(), "not generated for float64") {
		t.Errorf("without float64: %v", err)
	}
}
