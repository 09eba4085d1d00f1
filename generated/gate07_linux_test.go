package generated_test

import (
	"fmt"
	"os"
	"reflect"
	goruntime "runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/gates"
)

// TestGate07Dispatch forces each set of instructions in turn, and holds layers to
// running the functions of that set, all of them and no others, and to saying so. What
// runs is noted by the functions themselves.
func TestGate07Dispatch(t *testing.T) {
	g := gates.Open(t, 7, "dispatch: go, avx2 and avx512 forced")
	best := bestOfMachine(t)
	ran := 0
	for isa := runtime.Portable; isa <= best; isa++ {
		t.Setenv(runtime.ISAVariable, isa.String())
		for _, name := range allNames(t) {
			ran += checkDispatch(t, name, isa)
		}
	}
	g.Figure("%d sets, %d norms, %d functions: each ran where its set was forced, no other did", best+1, len(allNames(t)), ran)
}

// bestOfMachine is the set that layers use unasked: the best that the kernel of the
// operating system says the processor has.
func bestOfMachine(t *testing.T) runtime.ISA {
	t.Helper()
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		t.Fatal(err)
	}
	flags := strings.Fields(string(info))
	has := func(names ...string) bool {
		return !slices.ContainsFunc(names, func(n string) bool { return !slices.Contains(flags, n) })
	}
	want := runtime.Portable
	if has("avx2", "fma", "bmi2") {
		want = runtime.AVX2
		if has("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl") {
			want = runtime.AVX512
		}
	}
	if want < runtime.AVX512 && gates.Release() {
		t.Error("a release is tested where there is AVX-512")
	}
	t.Setenv(runtime.ISAVariable, "")
	if got, err := runtime.BestISA(); got != want || err != nil {
		t.Fatalf("layers use %v, %v; the machine has %v", got, err, want)
	}
	return want
}

// checkDispatch runs all that a layer can do, and returns how many functions ran.
func checkDispatch(t *testing.T, name string, isa runtime.ISA) int {
	t.Helper()
	u := normOf(t, name).Unit
	rows := 64
	if normtest.OneRow(u) {
		rows = 1
	}
	sizes := normtest.EvenSizes(u, rows, 64)
	r := newRig[float32](t, name, sizes)
	for _, k := range r.Kernels() {
		if k.ISA != isa || r.ISA() != isa {
			t.Errorf("%s, %v forced: %s %d (%s) is of %v, the layer of %v", name, isa, k.Pass, k.Stage, k.Sweep, k.ISA, r.ISA())
		}
	}
	n := noted{ran: map[string][]runtime.ISA{}, want: map[string]runtime.ISA{}}
	r.LayerOf = n.layer(t, r.LayerOf, isa)
	runAll(t, r, sizes)
	for f, want := range n.want {
		if !slices.Equal(n.ran[f], []runtime.ISA{want}) {
			t.Errorf("%s, %v forced: of %s those of %v ran, want %v", name, isa, f, n.ran[f], want)
		}
	}
	return len(n.want)
}

// runAll runs a layer in all modes, with and without a mask, in steps on both sides
// of every warm-up.
func runAll(t *testing.T, r *rig[float32], sizes []int) {
	t.Helper()
	for _, mask := range []string{"all", "random"} {
		m := mountNew(r, 7, sizes, mask, runtime.Serial)
		for step := range 8 {
			if err := r.SetStep(step + 1); err != nil {
				t.Fatal(err)
			}
			m.Train(t)
		}
		r.SetMode(runtime.Frozen)
		for _, run := range []func() error{m.Forward, func() error { return m.Backward(runtime.Overwrite) }, m.Infer} {
			if err := run(); err != nil {
				t.Fatal(r.Name(), err)
			}
		}
		r.SetMode(runtime.Train)
	}
}

// noted collects which functions of a layer ran, by the name of the Go one, and which
// should.
type noted struct {
	ran  map[string][]runtime.ISA
	want map[string]runtime.ISA
}

// layer makes a layer like l whose functions note that they ran.
func (n *noted) layer(t *testing.T, l *runtime.LayerOf[float32], isa runtime.ISA) *runtime.LayerOf[float32] {
	t.Helper()
	v := reflect.ValueOf(l).Elem()
	spec := *(*runtime.Spec[float32])(v.FieldByName("spec").UnsafePointer())
	spec.Train, spec.Frozen, spec.Infer = n.variants(spec.Train), n.variants(spec.Frozen), n.variants(spec.Infer)
	spec.Assembly = slices.Clone(spec.Assembly)
	for i, a := range spec.Assembly {
		spec.Assembly[i] = runtime.Assembly{ISA: a.ISA, Sweeps: noteAll(t, n, a.Sweeps, a.ISA, isa),
			Columns: noteAll(t, n, a.Columns, a.ISA, isa), Begins: noteAll(t, n, a.Begins, a.ISA, isa)}
	}
	size, knob := v.FieldByName("size"), v.FieldByName("knob")
	out := new(runtime.LayerOf[float32])
	if err := out.Make(&spec, unsafe.Slice((*int)(size.UnsafePointer()), size.Len()), unsafe.Slice((*float64)(knob.UnsafePointer()), knob.Len())); err != nil {
		t.Fatal(err)
	}
	return out
}

func (n *noted) variants(list []runtime.Variant[float32]) []runtime.Variant[float32] {
	list = slices.Clone(list)
	for i := range list {
		for _, k := range []*runtime.Kernel[float32]{&list[i].Forward, &list[i].Backward} {
			k.Finish = note(n, k.FinishName, runtime.Portable, k.Finish)
			k.Stages = slices.Clone(k.Stages)
			for j := range k.Stages {
				s := &k.Stages[j]
				s.Columns = note(n, s.ColumnsName, runtime.Portable, s.Columns)
				s.Begin = note(n, s.BeginName, runtime.Portable, s.Begin)
				s.Sweep = note(n, s.Name, runtime.Portable, s.Sweep)
			}
		}
	}
	return list
}

// noteAll does so for functions of a set, which have its name.
func noteAll[A any](t *testing.T, n *noted, functions map[string]func(*A), isa, forced runtime.ISA) map[string]func(*A) {
	t.Helper()
	out := map[string]func(*A){}
	for name, f := range functions {
		if _, ok := n.want[name]; !ok {
			t.Errorf("%v: %s stands in for nothing", isa, name)
		}
		if symbol := goruntime.FuncForPC(reflect.ValueOf(f).Pointer()).Name(); !strings.HasSuffix(symbol, "."+name+strings.ToUpper(isa.String())) {
			t.Errorf("%v: for %s there is %s", isa, name, symbol)
		}
		if isa <= forced {
			n.want[name] = max(n.want[name], isa)
		}
		out[name] = note(n, name, isa, f)
	}
	return out
}

// note makes f say that it ran.
func note[A any](n *noted, name string, isa runtime.ISA, f func(*A)) func(*A) {
	if f == nil {
		return nil
	}
	if name == "" {
		name = fmt.Sprintf("function %d without a name", len(n.want))
	}
	if isa == runtime.Portable {
		n.want[name] = isa
	}
	return func(a *A) {
		if !slices.Contains(n.ran[name], isa) {
			n.ran[name] = append(n.ran[name], isa)
		}
		f(a)
	}
}
