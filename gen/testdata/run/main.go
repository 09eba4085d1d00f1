// Command run runs generated layers of float32 on problems whose results are
// known, and prints every difference. Its table of makers is written beside it.
package main

import (
	"encoding/gob"
	"fmt"
	"math"
	"os"

	"github.com/normgen/normgen/runtime"
)

// A problem is a forward and a backward of one layer, and what they must leave.
type problem struct {
	Name     string
	What     string
	Frozen   bool
	Sizes    []int // arguments of the constructor
	Knobs    []int // knobs that are sizes
	Rows     []int // sizes of the row axes
	Step     int
	Masks    [][]bool
	Params   [][]float64
	States   [][]float64
	In, Out  []tensor // Out is what the forward must write
	DIn, DX  []tensor // DX is what the backward must write
	WantGrad [][]float64
}

type tensor struct {
	Name       string
	Rows, Cols int
	Data       []float64
}

func main() {
	f, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	var problems []problem
	if err := gob.NewDecoder(f).Decode(&problems); err != nil {
		panic(err)
	}
	for _, p := range problems {
		if err := run(p); err != nil {
			fmt.Printf("%s %s: %v\n", p.Name, p.What, err)
		}
	}
}

func run(p problem) error {
	l, err := makers[p.Name](p.Sizes, p.Knobs)
	if err != nil {
		return err
	}
	fill(l.Params(), p.Params)
	fill(l.State(), p.States)
	if err := l.SetStep(p.Step); err != nil {
		return err
	}
	if p.Frozen {
		l.SetMode(runtime.Frozen)
	}
	rows := 1
	for _, n := range p.Rows {
		rows *= n
	}
	w := l.NewWork(rows)
	shaped := w.Shape(p.Rows...) // an error if the layer has no use for it
	w.Of(l)
	for i, m := range p.Masks {
		w.Keep(i, m)
	}
	out := empty(p.Out)
	w.In(views(p.In)...)
	w.Out(out...)
	if err := w.RunForward(); err != nil {
		return fmt.Errorf("forward: %w (%v)", err, shaped)
	}
	if err := same(p.Out, out); err != nil {
		return err
	}
	dx := empty(p.DX)
	w.Of(l)
	w.In(views(p.DIn)...)
	w.Out(dx...)
	if err := w.RunBackward(runtime.Overwrite); err != nil {
		return fmt.Errorf("backward: %w", err)
	}
	if err := same(p.DX, dx); err != nil {
		return err
	}
	for i, g := range l.Grads() {
		if err := sameData("the gradient of "+g.Name, p.WantGrad[i], g.Data); err != nil {
			return err
		}
	}
	return nil
}

func fill(dst []runtime.Named, src [][]float64) {
	for i, d := range dst {
		for j, x := range src[i] {
			d.Data[j] = float32(x)
		}
	}
}

func views(ts []tensor) []runtime.View {
	out := empty(ts)
	for i, t := range ts {
		for j, x := range t.Data {
			out[i].Data[j] = float32(x)
		}
	}
	return out
}

func empty(ts []tensor) []runtime.View {
	var out []runtime.View
	for _, t := range ts {
		out = append(out, runtime.Matrix(make([]float32, t.Rows*t.Cols), t.Rows, t.Cols))
	}
	return out
}

func same(want []tensor, got []runtime.View) error {
	for i, t := range want {
		if err := sameData(t.Name, t.Data, got[i].Data); err != nil {
			return err
		}
	}
	return nil
}

func sameData(what string, want []float64, got []float32) error {
	if len(want) != len(got) {
		return fmt.Errorf("%s has %d elements, want %d", what, len(got), len(want))
	}
	for i, x := range got {
		if w := float32(want[i]); math.Float64bits(float64(x)) != math.Float64bits(float64(w)) && !(x != x && w != w) {
			return fmt.Errorf("%s[%d] is %v, want %v", what, i, x, w)
		}
	}
	return nil
}
