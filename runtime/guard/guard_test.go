package guard

import (
	"testing"
	"unsafe"
)

// at is element i of x, also where there is none.
func at(x []float32, i int) *float32 {
	return (*float32)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(x)), 4*i))
}

// TestAddresses holds slices to their places.
func TestAddresses(t *testing.T) {
	a := New()
	defer a.Close()
	for n := 1; n < 3000; n += 77 {
		for k := range 16 {
			p := uintptr(unsafe.Pointer(&Slice[float32](a, n, Offset(4*k))[0]))
			if p%64 != uintptr(4*k) {
				t.Fatalf("offset %d is at %x", 4*k, p)
			}
		}
		x := Slice[float64](a, n, AtEnd)
		if end := uintptr(unsafe.Pointer(&x[n-1])) + 8; end%uintptr(pageSize) != 0 {
			t.Fatalf("%d elements end at %x", n, end)
		}
	}
}

type tree struct {
	left  *tree
	rows  [][]float32
	whole []float64
	part  []float64
	wide  [2][]bool
}

// TestMove holds that all arrays move once, with what they hold, and that slices
// of one array stay that.
func TestMove(t *testing.T) {
	a := New()
	defer a.Close()
	x := []float64{1, 2, 3, 4}
	r := &tree{left: &tree{}, rows: [][]float32{{1}, {2, 3}, {}}, whole: x, part: x[1:3], wide: [2][]bool{1: {true}}}
	r.left.left, r.left.part = r, x[2:]
	a.Move(AtEnd, r)
	x[1] = 9 // the old array
	if r.whole[1] != 2 || r.part[0] != 2 || r.left.part[1] != 4 || r.rows[1][1] != 3 || !r.wide[1][0] {
		t.Fatalf("moved: %+v, %+v", r, r.left)
	}
	r.part[1] = 7
	if r.whole[2] != 7 || r.left.part[0] != 7 {
		t.Fatal("slices of one array are two arrays")
	}
	if &x[0] == &r.whole[0] || len(a.used) != 4 {
		t.Fatalf("%d arrays were moved, want 4", len(a.used))
	}
	if guarded && Run(func() error { *at(r.rows[0], 1) = 1; return nil }) == nil {
		t.Fatal("what was moved is not guarded")
	}
}
