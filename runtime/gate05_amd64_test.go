//go:build unix && amd64 && !purego

package runtime

import (
	"fmt"
	"testing"
	"unsafe"

	"github.com/normgen/normgen/runtime/guard"
	"github.com/normgen/normgen/testdata/gates"
)

// TestGate05Primitives holds the primitives to their slices, at both ends and for
// all tails.
func TestGate05Primitives(t *testing.T) {
	g := gates.Open(t, 5, "guard pages: primitives")
	most := gates.Sized(300, 1200)
	for n := 1; n <= most; n++ {
		for _, place := range []guard.Place{guard.AtEnd, guard.AtStart, guard.Offset(4 * (n % 16))} {
			a := guard.New()
			if err := guard.Run(func() error { checkGuarded(t, a, n, place); return a.Check() }); err != nil {
				t.Fatalf("%d elements %v: %v", n, place, err)
			}
			a.Close()
		}
	}
	g.Figure("%d sets of instructions, lengths 1 to %d, 0 faults, 0 bytes changed", len(kits()), most)
}

// TestGuardSeesAssembly holds guard pages to finding assembly that reads too far.
func TestGuardSeesAssembly(t *testing.T) {
	a := guard.New()
	defer a.Close()
	x := guard.Slice[float32](a, 64, guard.AtEnd)
	for _, k := range kits() {
		for more, faults := range []bool{false, true} {
			far := unsafe.Slice(&x[0], len(x)+more)
			if err := guard.Run(func() error { k.sum(far); return nil }); (err != nil) != faults {
				t.Errorf("%v: a sum of %d elements of 64: %v", k.isa, len(far), err)
			}
		}
	}
}

func checkGuarded(t *testing.T, a *guard.Arena, n int, place guard.Place) {
	f := func(n int) []float32 { return guard.Slice[float32](a, n, place) }
	d := func(n int) []float64 { return guard.Slice[float64](a, n, place) }
	x, y := f(n), f(n)
	roughFill("random", x)
	checkRow(t, "a guarded row", x)
	for _, k := range kits() {
		p, q := d(n), d(n)
		widen(k.isa, p, x)
		addSums(k.isa, p, q)
		joinSpread(k.isa, p, q, p, q, 1, 1)
		addTo(k.isa, x, y)
		checkVectors(t, fmt.Sprintf("%v: %d guarded elements", k.isa, n), k.isa, x, y)
		if n%3 == 0 {
			checkGuardedColumns(t, k, a, n/3, 3, place)
		}
		checkGuardedColumns(t, k, a, n, 1, place)
	}
}

func checkGuardedColumns(t *testing.T, k kit, a *guard.Arena, cols, rows int, place guard.Place) {
	x := Matrix(guard.Slice[float32](a, cols*rows, place), rows, cols)
	roughFill("outlier", x.Data)
	b := columnBlock(x, nil)
	a.Move(place, b)
	k.columns(b, 0, x)
	want := columnBlock(x, nil)
	want.ColumnMoments(0, x)
	if !same64(b.Moment[0].Mean[cols-1], want.Moment[0].Mean[cols-1]) {
		t.Fatalf("%v: %d guarded columns: mean %v, want %v", k.isa, cols, b.Moment[0].Mean[cols-1], want.Moment[0].Mean[cols-1])
	}
}
