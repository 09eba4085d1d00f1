//go:build linux && amd64 && !purego

package runtime

import (
	"syscall"
	"testing"
	"unsafe"
)

// guarded returns n elements that end where memory ends, or begin where it
// begins: a read past either end kills the test.
func guarded[E any](t *testing.T, n int, atEnd bool) []E {
	page, size := syscall.Getpagesize(), n*int(unsafe.Sizeof(*new(E)))
	inner := (size + page - 1) / page * page
	mem, err := syscall.Mmap(-1, 0, inner+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Munmap(mem) })
	for _, guard := range [][]byte{mem[:page], mem[page+inner:]} {
		if err := syscall.Mprotect(guard, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	at := page
	if atEnd {
		at += inner - size
	}
	return unsafe.Slice((*E)(unsafe.Pointer(&mem[page:][:1][0:1][0])), inner/int(unsafe.Sizeof(*new(E))))[(at-page)/int(unsafe.Sizeof(*new(E))):][:n]
}

// TestGuardPages holds the primitives to their slices, at both ends and for all
// tails.
func TestGuardPages(t *testing.T) {
	for n := 1; n <= 300; n++ {
		for _, end := range []bool{false, true} {
			t.Run("", func(t *testing.T) { checkGuarded(t, n, end) })
		}
	}
}

func checkGuarded(t *testing.T, n int, end bool) {
	x, y := guarded[float32](t, n, end), guarded[float32](t, n, end)
	roughFill("random", x)
	checkRow(t, "a guarded row", x)
	for _, k := range kits() {
		p, q := guarded[float64](t, n, end), guarded[float64](t, n, end)
		widen(k.isa, p, x)
		addSums(k.isa, p, q)
		joinSpread(k.isa, p, q, p, q, 1, 1)
		addTo(k.isa, x, y)
		if n%3 == 0 {
			checkGuardedColumns(t, k, n/3, 3, end)
		}
		checkGuardedColumns(t, k, n, 1, end)
	}
}

func checkGuardedColumns(t *testing.T, k kit, cols, rows int, end bool) {
	b := columnBlock(Matrix(guarded[float32](t, cols*rows, end), rows, cols), nil)
	f := func(n int) []float32 { return guarded[float32](t, n, end) }
	b.shift, b.s1, b.s2 = f(cols), f(cols), f(cols)
	b.Moment[0].Mean, b.Moment[0].SS = guarded[float64](t, cols, end), guarded[float64](t, cols, end)
	x := Matrix(f(cols*rows), rows, cols)
	roughFill("outlier", x.Data)
	k.columns(b, 0, x)
	want := columnBlock(x, nil)
	want.ColumnMoments(0, x)
	if !same64(b.Moment[0].Mean[cols-1], want.Moment[0].Mean[cols-1]) {
		t.Fatalf("%v: %d guarded columns: mean %v, want %v", k.isa, cols, b.Moment[0].Mean[cols-1], want.Moment[0].Mean[cols-1])
	}
}
