//go:build race && amd64 && !purego

package runtime

import (
	"bytes"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// TestRaceInAssembly holds the race detector to seeing two passes in assembly that
// write to one tensor. The race is in a process of its own, which must fail.
func TestRaceInAssembly(t *testing.T) {
	if !Supported(AVX2) {
		t.Fatal("this machine has no AVX2 to test")
	}
	if os.Getenv("SEEDED_RACE") != "" {
		seedRace(t)
		return
	}
	c := exec.Command(os.Args[0], "-test.run=^TestRaceInAssembly$")
	c.Env = append(os.Environ(), "SEEDED_RACE=1")
	out, err := c.CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("DATA RACE")) {
		t.Fatalf("the race was not reported: %v\n%s", err, out)
	}
}

// seedRace runs a sweep that writes by assembly alone, twice at the same time.
func seedRace(t *testing.T) {
	s := countedSpec(new([]string))
	add := func(b *Block[float32]) { addToAVX2(b.Out[0].Data, b.In[0].Data) }
	s.Outputs = tensors("y")
	s.Train[0].Forward.Stages = []Stage[float32]{{Name: "add"}}
	s.Assembly = []Assembly{{ISA: AVX2, Sweeps: map[string]func(b *Block[float32]){"add": add}}}
	l := newLayer(t, s, 8)
	y := Matrix(make([]float32, 8), 1, 8)
	var passes sync.WaitGroup
	for range 2 {
		passes.Go(func() {
			w := l.NewWork(1)
			w.In(new(Matrix(make([]float32, 8), 1, 8)))
			w.Out(&y)
			if err := w.RunForward(); err != nil {
				t.Error(err)
			}
		})
	}
	passes.Wait()
}
