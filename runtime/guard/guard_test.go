package guard

import (
	"math"
	"testing"
	"unsafe"
)

// at is element i of x, also where there is none.
func at(x []float32, i int) *float32 {
	return (*float32)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(x)), 4*i))
}

// TestFaults reads and writes one element outside a slice: that is an error where
// a page is guarded, and nothing else is.
func TestFaults(t *testing.T) {
	if !guarded {
		t.Skip("this system has no guarded pages")
	}
	a := New()
	defer a.Close()
	for _, n := range []int{1, 3, 1024, 5000} {
		for _, c := range []struct {
			place Place
			index int
			fault bool
		}{{AtEnd, n, true}, {AtEnd, n - 1, false}, {AtStart, -1, true}, {AtStart, 0, false}, {Offset(8), -1, false}, {Offset(8), n, false}} {
			x := Slice[float32](a, n, c.place)
			read := Run(func() error {
				if v := *at(x, c.index); v != 0 && !math.IsNaN(float64(v)) {
					t.Errorf("%v: element %d is %v, want 0 or NaN", c.place, c.index, v)
				}
				return nil
			})
			write := Run(func() error { *at(x, c.index) = 1; return nil })
			if (read != nil) != c.fault || (write != nil) != c.fault {
				t.Errorf("%d elements %v: element %d: read %v, write %v, want faults: %v", n, c.place, c.index, read, write, c.fault)
			}
			outside := c.index < 0 || c.index >= n
			if err := a.Check(); (err != nil) != (outside && !c.fault) {
				t.Errorf("%d elements %v: element %d was written: %v", n, c.place, c.index, err)
			}
			a.Reset()
		}
	}
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
