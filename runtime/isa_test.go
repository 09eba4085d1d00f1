package runtime

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestISANames holds names to what ParseISA reads.
func TestISANames(t *testing.T) {
	for i := range largest + 1 {
		if got, err := ParseISA(i.String()); got != i || err != nil {
			t.Errorf("%v reads as %v, %v", i, got, err)
		}
	}
	if _, err := ParseISA("sse9"); err == nil || !strings.HasSuffix(err.Error(), fmt.Sprintf(" %q]", largest)) {
		t.Errorf("sse9: %v", err)
	}
	if s := ISA(70).String(); s != "ISA(70)" {
		t.Error(s)
	}
}

// largest is the last ISA, whether the machine has it or not.
const largest = ISA(len(isas) - 1)

// countedSpec has three sweeps, the first in all ISAs, the second in all but the
// largest, the third in Go alone; ran notes what ran.
func countedSpec(ran *[]string) *Spec[float32] {
	note := func(s string) func(b *Block[float32]) {
		return func(b *Block[float32]) { *ran = append(*ran, s) }
	}
	stages := []Stage[float32]{{Name: "one", Sweep: note("one go")}, {Name: "two", Sweep: note("two go")}, {Name: "three", Sweep: note("three go")}}
	v := []Variant[float32]{{Forward: Kernel[float32]{Stages: stages}}}
	var assembly []Assembly
	for i := Portable + 1; i <= largest; i++ {
		a := Assembly{ISA: i, Sweeps: map[string]func(b *Block[float32]){"one": note("one " + i.String())}}
		if i < largest {
			a.Sweeps["two"] = note("two " + i.String())
		}
		assembly = append(assembly, a)
	}
	return &Spec[float32]{Name: "Counted", Axes: []string{"C"}, Shapes: []Shape{{0}}, Inputs: tensors("x"), Train: v, Frozen: v, Infer: v, Assembly: assembly}
}

// sweeps makes a layer and returns what its forward runs, and what it says it runs.
func sweeps(t *testing.T) (ran, listed []string, best ISA) {
	t.Helper()
	l := newLayer(t, countedSpec(&ran), 3)
	w := l.NewWork(1)
	w.In(new(Matrix(make([]float32, 3), 1, 3)))
	if err := w.RunForward(); err != nil {
		t.Fatal(err)
	}
	for _, k := range l.Kernels() {
		if k.Pass == "forward" {
			listed = append(listed, fmt.Sprintf("%s %v", k.Sweep, k.ISA))
		}
	}
	return ran, listed, l.ISA()
}

// chosen are the sweeps of countedSpec that a layer takes of an ISA.
func chosen(i ISA) string { return fmt.Sprintf("[one %v two %v three go]", i, min(i, largest-1)) }

// TestDispatch holds layers to the best sweep that is allowed, stage by stage, by
// the environment and by the program; what cannot be had is an error.
func TestDispatch(t *testing.T) {
	for i := range largest + 1 {
		t.Run(i.String(), func(t *testing.T) {
			t.Setenv(ISAVariable, i.String())
			if !Supported(i) {
				refused(t, i.String()+" is not available")
				return
			}
			checkChosen(t, i)
		})
	}
	t.Setenv(ISAVariable, "sse9")
	refused(t, `NORM_ISA=sse9: no instruction set is named "sse9"`)
}

func checkChosen(t *testing.T, i ISA) {
	t.Helper()
	ran, listed, best := sweeps(t)
	if want := chosen(i); fmt.Sprint(ran) != want || fmt.Sprint(listed) != want || best != i {
		t.Errorf("%v: ran %v, listed %v, best %v; want %s", i, ran, listed, best, want)
	}
}

// refused wants that no layer can be made.
func refused(t *testing.T, why string) {
	t.Helper()
	err := new(LayerOf[float32]).Make(countedSpec(new([]string)), []int{3}, nil)
	if err == nil || !strings.Contains(err.Error(), why) {
		t.Errorf("%v; want %s", err, why)
	}
	if err := new(LayerOf[float64]).Make(sampleSpec(), []int{2, 3}, nil); err == nil {
		t.Error("a float64 layer was made")
	}
}

// TestCapISA holds a cap to the layers made after it, while others are made.
func TestCapISA(t *testing.T) {
	t.Setenv(ISAVariable, "") // a forced ISA would cap too
	best, err := BestISA()
	if err != nil {
		t.Fatal(err)
	}
	defer CapISA(best)
	var makers sync.WaitGroup
	for range 4 {
		makers.Go(func() {
			for range 20 {
				new(LayerOf[float32]).Make(countedSpec(new([]string)), []int{3}, nil)
			}
		})
	}
	for i := range largest + 1 {
		if err := CapISA(i); (err == nil) != Supported(i) {
			t.Errorf("%v: %v", i, err)
		}
		if Supported(i) {
			checkChosen(t, i)
		}
	}
	makers.Wait()
	if err := CapISA(largest + 1); err == nil {
		t.Error("an ISA that does not exist")
	}
}

// TestKernels holds the list to all passes, and to float32.
func TestKernels(t *testing.T) {
	t.Setenv(ISAVariable, "go")
	want := "[{forward 1 one go} {forward 2 two go} {forward 3 three go} {frozen forward 1 one go} {frozen forward 2 two go} " +
		"{frozen forward 3 three go} {infer 1 one go} {infer 2 two go} {infer 3 three go}]"
	if got := fmt.Sprint(newLayer(t, countedSpec(new([]string)), 3).Kernels()); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	masked := newLayer(t, sampleSpec(), 2, 3).Kernels()
	if len(masked) != 11 || masked[4].Pass != "masked forward" || masked[6].Pass != "masked forward" {
		t.Errorf("%d: %v", len(masked), masked)
	}
}
