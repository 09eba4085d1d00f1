package runtime

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestISANames holds names to what ParseISA reads.
func TestISANames(t *testing.T) {
	for _, i := range []ISA{Portable, AVX2, AVX512} {
		if got, err := ParseISA(i.String()); got != i || err != nil {
			t.Errorf("%v reads as %v, %v", i, got, err)
		}
	}
	if _, err := ParseISA("sse9"); err == nil || !strings.Contains(err.Error(), `["go" "avx2" "avx512"]`) {
		t.Errorf("sse9: %v", err)
	}
	if s := ISA(7).String(); s != "ISA(7)" {
		t.Error(s)
	}
}

// countedSpec has three sweeps, the first in two ISAs, the second in one, the
// third in Go alone; ran notes what ran.
func countedSpec(ran *[]string) *Spec[float32] {
	note := func(s string) func(b *Block[float32]) {
		return func(b *Block[float32]) { *ran = append(*ran, s) }
	}
	stages := []Stage[float32]{{Name: "one", Sweep: note("one go")}, {Name: "two", Sweep: note("two go")}, {Name: "three", Sweep: note("three go")}}
	v := []Variant[float32]{{Forward: Kernel[float32]{Stages: stages}}}
	return &Spec[float32]{Name: "Counted", Axes: []string{"C"}, Shapes: []Shape{{0}}, Inputs: tensors("x"), Train: v, Frozen: v, Infer: v,
		Assembly: []Assembly{
			{ISA: AVX2, Sweeps: map[string]func(b *Block[float32]){"one": note("one avx2"), "two": note("two avx2")}},
			{ISA: AVX512, Sweeps: map[string]func(b *Block[float32]){"one": note("one avx512")}},
		}}
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

var chosen = map[ISA]string{
	Portable: "[one go two go three go]",
	AVX2:     "[one avx2 two avx2 three go]",
	AVX512:   "[one avx512 two avx2 three go]",
}

// TestDispatch holds layers to the best sweep that is allowed, stage by stage, by
// the environment and by the program; what cannot be had is an error.
func TestDispatch(t *testing.T) {
	for _, i := range []ISA{Portable, AVX2, AVX512} {
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
	if fmt.Sprint(ran) != chosen[i] || fmt.Sprint(listed) != chosen[i] || best != i {
		t.Errorf("%v: ran %v, listed %v, best %v; want %s", i, ran, listed, best, chosen[i])
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
	for i := Portable; i <= AVX512; i++ {
		if err := CapISA(i); (err == nil) != Supported(i) {
			t.Errorf("%v: %v", i, err)
		}
		if Supported(i) {
			checkChosen(t, i)
		}
	}
	makers.Wait()
	if err := CapISA(AVX512 + 1); err == nil {
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
