package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/normgen/normgen/cmd/normbench/limit"
)

var constructor = regexp.MustCompile(`(?m)^func New(\w+)\(`)

// TestLibraryIsComplete compares the table with the constructors of package
// generated.
func TestLibraryIsComplete(t *testing.T) {
	files, err := filepath.Glob("../../generated/*/*_norm.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	var want []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range constructor.FindAllStringSubmatch(string(text), -1) {
			if !strings.HasSuffix(m[1], "64") {
				want = append(want, m[1])
			}
		}
	}
	got := names()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the table has\n%v\nthe generated packages\n%v", got, want)
	}
}

// at is a shape for a test of a norm of so many sizes.
func at(e entry) shape {
	if e.dims == 2 {
		return shape{40, 64}
	}
	return shape{3, 64, 20}
}

// TestEveryPass runs every pass of the library, with kernels of all kinds. The
// limit must know its flow.
func TestEveryPass(t *testing.T) {
	for _, e := range library {
		for _, isa := range isas() {
			s, err := makeWith(isa, func() (*subject, error) { return e.make(at(e), newMemory()) })
			if err != nil {
				t.Fatal(e.name, isa, err)
			}
			for _, o := range ops {
				p := s.passes[o]
				if err := s.ready(); err != nil {
					t.Errorf("%s %s: %v", e.name, isa, err)
				}
				if err := p.run(); err != nil {
					t.Errorf("%s %s %s: %v", e.name, o, isa, err)
				}
				if f := (limit.Flow{Reads: len(p.in), Writes: len(p.out)}); !slices.Contains(limit.Flows, f) {
					t.Errorf("%s %s: no limit for %v", e.name, o, f)
				}
			}
		}
	}
}

// TestLoops holds the plain loops to the layers. The loops add up n terms one by
// one in float32, so a sum is wrong by at most n*2^-24 times the magnitudes of
// its terms, and a result that depends on two such sums by a small multiple;
// the layers' errors are a few units in the last place. Hence 8*n*2^-24 of the
// largest element. The data is small, so that a wrong eps shows.
func TestLoops(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(loops)) {
		e, _ := lookup(name)
		m := newMemory()
		s, err := e.make(at(e), m)
		if err != nil {
			t.Fatal(err)
		}
		for i := range s.x {
			s.x[i] /= 128
		}
		n := 64 // of a row; a column, a channel and a group have fewer elements
		bound := 8 * float64(n) / (1 << 24)
		for _, o := range ops {
			if err := s.ready(); err != nil {
				t.Fatal(err)
			}
			if err := s.passes[o].run(); err != nil {
				t.Fatal(err)
			}
			y, dx := slices.Clone(s.y), slices.Clone(s.dx)
			clear(s.y)
			clear(s.dx)
			if err := loop(name, at(e), o, s)(); err != nil {
				t.Fatal(err)
			}
			got, want := s.y, y
			if o == backward {
				got, want = s.dx, dx
			}
			if d := distance(got, want); !(d <= bound) {
				t.Errorf("%s %s differs by %.2g of the largest element; want at most %.2g", name, o, d, bound)
			}
		}
		compareGrads(t, name, at(e), s, bound)
	}
}

// compareGrads compares the gradients of the parameters.
func compareGrads(t *testing.T, name string, at shape, s *subject, bound float64) {
	l := loops[name](at, s.vectors)
	l.Forward(s.y, s.x)
	l.Backward(s.dx, s.dy, s.x)
	l.Backward(s.dx, s.dy, s.x) // replaces the gradients
	grads := l.Grads()
	if len(grads) != len(s.grads) {
		t.Errorf("%s has gradients of %d parameters, the layer of %d", name, len(grads), len(s.grads))
	}
	for p, g := range grads {
		if d := distance(g, s.grads[p]); !(d <= bound) {
			t.Errorf("%s: the gradient of %s differs by %.2g of the largest element; want at most %.2g", name, p, d, bound)
		}
	}
}

// TestMemory holds arrays to starting at odd multiples of a cache line, at
// different places of a page, and to having no zeros.
func TestMemory(t *testing.T) {
	m := newMemory()
	seen := map[uintptr]bool{}
	for i := range 8 {
		a := m.array(fmt.Sprint(i), 1000)
		at := uintptr(unsafe.Pointer(&a[0])) % 4096
		if at%128 != 64 || seen[at] {
			t.Errorf("array %d starts at %d of its page", i, at)
		}
		seen[at] = true
		if slices.Contains(a, 0) {
			t.Errorf("array %d has zeros", i)
		}
	}
	if a := m.array("3", 1000); &a[0] != &m.array("3", 1000)[0] {
		t.Error("the same name gives another array")
	}
}

// TestCrew holds the parts of a crew to covering every element, whatever is left
// over.
func TestCrew(t *testing.T) {
	for _, workers := range []int{1, 2, 3} {
		for _, n := range []int{1, 16, 17, 63, 64, 1000, 4096} {
			m := newMemory()
			p := pass{in: arrays{m.array("a", n), m.array("b", n)}, out: arrays{m.array("c", n)}}
			c := hire(workers)
			for _, w := range limit.Ways(limit.Flow{Reads: 2, Writes: 1}) {
				clear(p.out[0])
				if err := c.moves(w, p)(); err != nil {
					t.Fatal(err)
				}
				for i, got := range p.out[0] {
					if want := p.in[0][i] + p.in[1][i]; got != want {
						t.Fatalf("%d workers, %d elements, %s: element %d is %v, want %v", workers, n, w.Name, i, got, want)
					}
				}
			}
			c.close()
		}
	}
}
