package normtest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/guard"
)

// A Spec is the text that layers were generated from; its use items are replaced
// by what they name.
type Spec struct{ File, Text string }

// Fuzz fuzzes a layer of a spec: its shapes, strides, alignments, masks, numbers,
// cotangents, states and steps. Go and each set of instructions must have the bits
// of package plan's evaluator, touch nothing outside their slices, accumulate,
// resume and run in place; float64 must have the numbers of the interpreter and
// be its derivative; and all must keep the symmetries that package symmetry finds.
// The constructors are those of the norm over float32 and float64, nil if it has
// none.
func Fuzz(f *testing.F, s Spec, norm string, newNarrow, newWide any) {
	t, err := newTarget(s, norm, newNarrow, newWide)
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range Seeds {
		f.Add(c.Seed, c.Rows, c.Cols, c.Choices, c.Bits)
	}
	f.Fuzz(func(tb *testing.T, seed uint64, rows, cols uint16, choices uint64, bits []byte) {
		t.check(tb, Case{seed, rows, cols, choices, bits})
	})
}

// A target is a norm and what it means.
type target struct {
	Norm
	meaning *ir.Layer // as it was lowered: no pass has changed it
}

// bench is what the cases of a process run with, one after the other.
var bench = struct {
	sync.Mutex
	arena *guard.Arena
	pools map[int]*runtime.Goroutines
}{arena: guard.New(), pools: map[int]*runtime.Goroutines{}}

func newTarget(s Spec, norm string, newNarrow, newWide any) (*target, error) {
	c, err := compile(s)
	if err != nil {
		return nil, err
	}
	for i, u := range c.units {
		if u.Name != norm {
			continue
		}
		t := &target{Norm: Norm{Unit: u}, meaning: c.lowered[i]}
		if u.F32 {
			t.New = newNarrow
		}
		if u.F64 {
			t.New64 = newWide
		}
		return t, nil
	}
	return nil, fmt.Errorf("normtest: %s has no norm %s", s.File, norm)
}

// compiled is a spec as far as its plans.
type compiled struct {
	units   []*plan.Unit
	lowered []*ir.Layer
}

// specs holds what was compiled: the targets of a package share a spec.
var specs struct {
	sync.Mutex
	of map[Spec]*compiled
}

func compile(s Spec) (*compiled, error) {
	specs.Lock()
	defer specs.Unlock()
	if c := specs.of[s]; c != nil {
		return c, nil
	}
	f, errs := dsl.Parse(s.File, []byte(s.Text))
	if errs.HasErrors() {
		return nil, errs
	}
	p, errs := dsl.Check(f)
	if errs.HasErrors() {
		return nil, errs
	}
	units, err := gen.Plan(p)
	if err != nil {
		return nil, err
	}
	lowered, err := gen.Lower(p)
	if err != nil {
		return nil, err
	}
	c := &compiled{units: units}
	for _, l := range lowered {
		c.lowered = append(c.lowered, l.Layer)
	}
	if specs.of == nil {
		specs.of = map[Spec]*compiled{}
	}
	specs.of[s] = c
	return c, nil
}

// pool has so many workers, however small a pass is.
func pool(n int) runtime.Pool {
	if n == 1 {
		return runtime.Serial
	}
	if bench.pools[n] == nil {
		bench.pools[n] = runtime.NewGoroutines(n)
		bench.pools[n].ShareFrom(0)
	}
	return bench.pools[n]
}
