package gen

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/gocode"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// Generated Go of every edge computes what Eval computes from the plan, to the
// bit: a program made of them runs and compares. In float32 every width counts.
func TestEdgesRun(t *testing.T) {
	dir := t.TempDir()
	var units []*plan.Unit
	var problems []problem
	for _, e := range edges {
		if e.refused != "" {
			continue
		}
		for _, u := range edgeUnits(t, e.text) {
			u.F32, u.F64 = true, false
			units = append(units, u)
			problems = append(problems, problemsOf(t, u)...)
		}
	}
	writeProgram(t, dir, units)
	var data bytes.Buffer
	if err := gob.NewEncoder(&data).Encode(problems); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "problems"), data.Bytes())
	cmd := exec.Command("go", "run", "-trimpath", "-gcflags=edges/...=-N -l", ".", "problems") // quick to compile
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%d problems: %v\n%s", len(problems), err, out)
	}
}

// problemsOf lists problems for every variant of a unit.
func problemsOf(t *testing.T, u *plan.Unit) []problem {
	t.Helper()
	var out []problem
	for _, m := range modes(u) {
		for _, v := range m.Variants {
			for seed := range uint64(len(stretch)) {
				a := &agreement{t: t, unit: u, mode: m, v: v, seed: seed}
				if a.problem(); a.applies() {
					out = append(out, a.solved())
				}
			}
		}
	}
	return out
}

// The types of testdata/run/main.go, for gob.
type problem struct {
	Name, What     string
	Frozen         bool
	Sizes, Knobs   []int
	Rows           []int
	Step           int
	Masks          [][]bool
	Params, States [][]float64
	In, Out        []tensor
	DIn, DX        []tensor
	WantGrad       [][]float64
}

type tensor struct {
	Name       string
	Rows, Cols int
	Data       []float64
}

// applies reports whether the engine would choose the variant: its conditions
// hold at this step, and no mask is left that it does not know.
func (a *agreement) applies() bool {
	for _, o := range a.v.When {
		if (a.uniform(o.Cond) != 0) != o.Holds {
			return false
		}
	}
	return true
}

func (a *agreement) uniform(v *ir.Value) float64 {
	switch v.Op {
	case ir.Const:
		return v.F
	case ir.Step:
		return a.frame.Step
	case ir.Load:
		return a.frame.Knob[v.Leaf.Name]
	}
	var args []float64
	for _, x := range v.Args {
		args = append(args, a.uniform(x))
	}
	return ir.Ops[v.Op].Eval(args)
}

// solved is the problem in float32 and what Eval makes of it.
func (a *agreement) solved() problem {
	u, l := a.unit, a.unit.Layer
	f := &plan.Frame[float32]{Sizes: a.sizes, Tensor: map[*ir.Leaf][]float32{}, Grad: map[*ir.Leaf][]float32{}, Mask: a.frame.Mask,
		Array: map[*ir.Leaf][]float32{}, Knob: a.frame.Knob, Step: a.frame.Step}
	p := a.posed()
	p.Params, p.States = a.drawn(l.Params, f.Array), a.drawn(l.States, f.Array)
	p.In = a.tensorList(l.Inputs, a.drawn(l.Inputs, f.Tensor))
	p.DIn = a.tensorList(a.mode.Mode.Cotangents, a.drawn(a.mode.Mode.Cotangents, f.Tensor))
	plan.Eval(a.v.Forward, a.room(f, f.Tensor, l.Outputs))
	plan.Eval(a.v.Backward, a.room(f, f.Grad, u.Grads))
	p.Out, p.DX = a.tensorList(l.Outputs, values(l.Outputs, f.Tensor)), a.tensorList(u.Grads, values(u.Grads, f.Grad))
	for _, x := range l.Params {
		for _, o := range a.v.Backward.Outs {
			if o.Kind == ir.GradOut && o.Leaf == x {
				p.WantGrad = append(p.WantGrad, f.Result(o))
			}
		}
	}
	return p
}

// posed is what a layer must know before it sees data.
func (a *agreement) posed() problem {
	u := a.unit
	p := problem{Name: u.Name, What: fmt.Sprintf("%s masked %v sizes %v", a.mode.Name, a.v.Masked, a.sizes),
		Frozen: a.mode == u.Eval && u.Eval != u.Train, Step: int(a.frame.Step)}
	p.Sizes, p.Knobs = arguments(u, a.sizes)
	for _, d := range u.Rows {
		p.Rows = append(p.Rows, a.sizes[d])
	}
	for _, m := range u.Layer.Masks {
		if a.v.Masked {
			p.Masks = append(p.Masks, a.frame.Mask[m])
		}
	}
	return p
}

// drawn puts the numbers of leaves, rounded, where a frame has them, and
// returns them. What no function reads is 1.
func (a *agreement) drawn(leaves []*ir.Leaf, to map[*ir.Leaf][]float32) [][]float64 {
	for _, leaf := range leaves {
		x := a.env.Leaves[leaf]
		if x == nil {
			x = slices.Repeat([]float64{1}, a.size(leaf.Dims))
		}
		to[leaf] = rounded(x)
	}
	return values(leaves, to)
}

func values(leaves []*ir.Leaf, from map[*ir.Leaf][]float32) [][]float64 {
	var out [][]float64
	for _, l := range leaves {
		out = append(out, widened(from[l]))
	}
	return out
}

// room makes room in f for what a kernel writes.
func (a *agreement) room(f *plan.Frame[float32], to map[*ir.Leaf][]float32, leaves []*ir.Leaf) *plan.Frame[float32] {
	for _, x := range leaves {
		to[x] = make([]float32, a.size(x.Dims))
	}
	return f
}

func rounded(x []float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

func widened(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// tensorList lists matrices: a row for each row or segment of what a leaf
// varies over.
func (a *agreement) tensorList(leaves []*ir.Leaf, data [][]float64) []tensor {
	var out []tensor
	for i, x := range leaves {
		cols := a.size(a.unit.Order(a.unit.Small(x.Axes())))
		out = append(out, tensor{x.Name, len(data[i]) / cols, cols, data[i]})
	}
	return out
}

// arguments are those of a unit's constructor: sizes, and the knobs that are.
func arguments(u *plan.Unit, sizes []int) (args, knobs []int) {
	for cols := u.Cols; len(cols) > 0; {
		n, given := 1, true
		for _, p := range u.Layer.Products {
			if len(p.Factors) <= len(cols) && slices.Equal(p.Factors, cols[:len(p.Factors)]) {
				n = len(p.Factors)
			}
		}
		if axis := u.Layer.Axes[cols[0]]; n == 1 {
			given = axis.Size == 0 && axis.Knob == ""
		}
		size := 1
		for _, d := range cols[:n] {
			size *= sizes[d]
		}
		if cols = cols[n:]; given {
			args = append(args, size)
		}
	}
	for _, k := range u.Layer.Knobs {
		for d, axis := range u.Layer.Axes {
			if axis.Knob == k.Name {
				knobs = append(knobs, sizes[d])
			}
		}
	}
	return args, knobs
}

// writeProgram writes a module of the units' packages and the table of their
// constructors around testdata/run.
func writeProgram(t *testing.T, dir string, units []*plan.Unit) {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	main, err := os.ReadFile("testdata/run/main.go")
	if err != nil {
		t.Fatal(err)
	}
	var imports, rows strings.Builder
	for _, u := range units {
		pkg := "norm" + strings.ToLower(u.Name)
		files, err := gocode.Backend{}.Emit(pkg, pkg+".dsl", []*plan.Unit{u})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			writeFile(t, filepath.Join(dir, pkg, f.Name), f.Data)
		}
		fmt.Fprintf(&imports, "\t%q\n", "edges/"+pkg)
		fmt.Fprintf(&rows, "\t%q: %s,\n", u.Name, maker(u, pkg))
	}
	writeFile(t, filepath.Join(dir, "go.mod"), []byte("module edges\n\ngo 1.24\n\nrequire github.com/normgen/normgen v0.0.0\n\nreplace github.com/normgen/normgen => "+root+"\n"))
	writeFile(t, filepath.Join(dir, "main.go"), main)
	writeFile(t, filepath.Join(dir, "table.go"), []byte("package main\n\nimport (\n\t\"github.com/normgen/normgen/runtime\"\n"+imports.String()+`)

var makers = map[string]func(size, knob []int) (*runtime.LayerOf[float32], error){
`+rows.String()+"}\n"))
}

// maker is a function that calls the constructor of a unit.
func maker(u *plan.Unit, pkg string) string {
	sizes, knobs := arguments(u, make([]int, len(u.Layer.Axes)))
	args, fields := "", ""
	for i := range sizes {
		args += fmt.Sprintf("size[%d], ", i)
	}
	i := 0
	for _, k := range u.Layer.Knobs {
		if slices.ContainsFunc(u.Layer.Axes, func(a ir.Axis) bool { return a.Knob == k.Name }) {
			fields += fmt.Sprintf("%s: knob[%d], ", k.Name, i)
			i++
		}
	}
	if i != len(knobs) {
		panic("a knob is the size of two axes")
	}
	return fmt.Sprintf("func(size, knob []int) (*runtime.LayerOf[float32], error) { l, err := %s.New%s(%s%s.%sOptions{%s}); if err != nil { return nil, err }; return &l.LayerOf, nil }",
		pkg, u.Name, args, pkg, u.Name, fields)
}

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
