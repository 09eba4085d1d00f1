package transformer_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer"
	"github.com/normgen/normgen/runtime/transformer/blas"
)

// trained runs n steps from step first on, and returns the trainer.
func trained(t *testing.T, c transformer.Config, norm string, products blas.Products, workers, first, n int, load func(*transformer.Trainer)) *transformer.Trainer {
	t.Helper()
	pool := runtime.NewGoroutines(workers)
	defer pool.Close()
	pool.ShareFrom(0)
	m := newModel(t, c, makers32[norm], transformer.Engine{Products: products, Pool: pool})
	trainer := newTrainer(t, m, transformer.Training{Rate: 3e-3, Warmup: 10, Clip: 1})
	if load != nil {
		load(trainer)
	}
	for s := first; s < first+n; s++ {
		r := rand.New(rand.NewPCG(8, uint64(s)))
		batches := []*transformer.Batch{randomBatch(r, &c, 4, 3+s%4, 3+s%3, true), randomBatch(r, &c, 3, 5, 4, s%2 == 0)}
		steps(t, trainer, 1, batches[:passes(norm)]...)
	}
	return trainer
}

// passes is how many passes of a norm one step can have: a statistic of another
// statistic of the batch cannot be merged, as that of the released PowerNorm's backward.
func passes(norm string) int {
	if norm == "PowerNormReleased" {
		return 1
	}
	return 2
}

// small is a config whose matrices are cut into tiles and whose rows make several blocks.
func small() transformer.Config {
	c := tinyTranslator()
	c.Width, c.Hidden, c.HeadWidth, c.MaxRows = 72, 200, 16, 80
	return c
}

// TestBits trains 100 steps with each instruction set of the norms and with one
// and two workers: all bits of parameters, moments and state agree.
func TestBits(t *testing.T) {
	list := map[string]blas.Products{"gonum": blas.Gonum[float32]()}
	if p, err := blas.OpenBLAS[float32]("", 2); err == nil {
		list["OpenBLAS"] = p
	} else {
		t.Log(err)
	}
	for name, products := range list {
		for _, norm := range []string{"LayerNorm", "BatchNorm", "PowerNorm", "PowerNormReleased"} {
			t.Run(name+"/"+norm, func(t *testing.T) {
				var want []uint32
				for _, isa := range normtest.ISAs() {
					for _, workers := range []int{1, 2} {
						normtest.Capped(t, isa, func() {
							got := bits(trained(t, small(), norm, products, workers, 0, 100, nil))
							if want == nil {
								want = got
							}
							if !slices.Equal(got, want) {
								t.Errorf("%v with %d workers has other bits", isa, workers)
							}
						})
					}
				}
			})
		}
	}
}

// TestResume stops a run, carries its tensors and counters over to a new one, and
// goes on: the end has the bits of a run that was not stopped.
func TestResume(t *testing.T) {
	for _, norm := range []string{"LayerNorm", "BatchNorm", "PowerNorm", "PowerNormReleased"} {
		c := small()
		whole := trained(t, c, norm, nil, 1, 0, 20, nil)
		half := trained(t, c, norm, nil, 1, 0, 11, nil)
		rest := trained(t, c, norm, nil, 1, 11, 9, func(to *transformer.Trainer) {
			from := half.Tensors()
			for i, x := range to.Tensors() {
				if x.Name != from[i].Name {
					t.Fatalf("tensor %d is %s and %s", i, x.Name, from[i].Name)
				}
				copy(x.Data, from[i].Data)
			}
			if err := to.SetCounters(half.Counters()); err != nil {
				t.Fatal(err)
			}
		})
		if !slices.Equal(bits(whole), bits(rest)) || fmt.Sprint(whole.Counters()) != fmt.Sprint(rest.Counters()) {
			t.Errorf("%s: a run that was stopped ends elsewhere", norm)
		}
	}
}

// TestCounters refuses sets that are not whole.
func TestCounters(t *testing.T) {
	trainer := trained(t, small(), "LayerNorm", nil, 1, 0, 1, nil)
	list := trainer.Counters()
	for name, bad := range map[string][]transformer.Counter{
		"missing": list[1:], "twice": append(slices.Clone(list), list[0]),
		"unknown": append(slices.Clone(list), transformer.Counter{Name: "x"}),
		"zero":    append(slices.Clone(list[:len(list)-1]), transformer.Counter{Name: list[len(list)-1].Name}),
		"huge":    append(slices.Clone(list[1:]), transformer.Counter{Name: "step", Value: 1 << 60}),
	} {
		if err := trainer.SetCounters(bad); err == nil {
			t.Errorf("%s: no error", name)
		}
		if !slices.Equal(trainer.Counters(), list) {
			t.Errorf("%s: counters changed", name)
		}
	}
}
