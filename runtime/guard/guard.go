// Package guard gives tests memory that shows what code does outside its slices.
// A slice begins or ends at a page that nobody may touch, so that a read or write
// past it faults, and the bytes around it are known, so that a write is found.
// Nothing else sees what assembly does: not the race detector, not the address
// sanitizer, not checkptr.
package guard

import (
	"bytes"
	"fmt"
	"runtime/debug"
	"unsafe"
)

// A Place says where a slice lies between the guarded pages.
type Place int

// The places besides those at an offset.
const (
	AtStart Place = -1 // right behind a guarded page
	AtEnd   Place = -2 // right before one
)

// Offset is so many bytes behind an address that is a multiple of 64, with at
// least 256 known bytes on either side.
func Offset(bytes int) Place { return Place(bytes) }

func (p Place) String() string {
	switch p {
	case AtStart:
		return "behind a guarded page"
	case AtEnd:
		return "before a guarded page"
	}
	return fmt.Sprintf("%d bytes off", int(p))
}

// margin is what is known on both sides of a slice at an offset.
const margin = 256

// known is what the bytes around slices hold, over and over: as numbers of either
// size they are NaN.
var known = [2]byte{0xf1, 0x7f}

// An Arena holds guarded slices until Reset.
type Arena struct {
	free  map[int][]*block // by pages
	used  []*block
	known []byte // as long as the longest block
}

// A block is whole pages between two guarded ones.
type block struct {
	mem    []byte
	lo, hi int // of the slice
}

// New returns an empty arena.
func New() *Arena { return &Arena{free: map[int][]*block{}} }

// bytes returns n bytes, at a multiple of unit at least.
func (a *Arena) bytes(n, unit int, p Place) []byte {
	pages := max(1, (n+pageSize-1)/pageSize)
	if p >= 0 {
		pages = (n + int(p) + 2*margin + pageSize - 1) / pageSize
	}
	b := a.block(pages)
	switch p {
	case AtStart:
		b.lo = 0
	case AtEnd:
		b.lo = len(b.mem) - n
	default:
		b.lo = margin + int(p)/unit*unit
	}
	b.hi = b.lo + n
	for len(a.known) < len(b.mem) {
		a.known = append(a.known, known[:]...)
	}
	copy(b.mem, a.known)
	clear(b.mem[b.lo:b.hi])
	return b.mem[b.lo:b.hi:b.hi]
}

func (a *Arena) block(pages int) *block {
	var b *block
	if list := a.free[pages]; len(list) > 0 {
		b, a.free[pages] = list[len(list)-1], list[:len(list)-1]
	} else {
		b = &block{mem: guardedPages(pages)}
	}
	a.used = append(a.used, b)
	return b
}

// Slice returns n zeros.
func Slice[E any](a *Arena, n int, p Place) []E {
	size := int(unsafe.Sizeof(*new(E)))
	return unsafe.Slice((*E)(unsafe.Pointer(unsafe.SliceData(a.bytes(n*size, size, p)))), n)
}

// Check returns an error if a byte around a slice was written.
func (a *Arena) Check() error {
	for _, b := range a.used {
		if bytes.Equal(b.mem[:b.lo], a.known[:b.lo]) && bytes.Equal(b.mem[b.hi:], a.known[b.hi:len(b.mem)]) {
			continue
		}
		for i, x := range b.mem {
			if (i < b.lo || i >= b.hi) && x != a.known[i] {
				return fmt.Errorf("guard: byte %d of a slice of %d bytes was written", i-b.lo, b.hi-b.lo)
			}
		}
	}
	return nil
}

// Reset takes all slices back: they must not be used any more.
func (a *Arena) Reset() {
	for _, b := range a.used {
		n := len(b.mem) / pageSize
		a.free[n] = append(a.free[n], b)
	}
	a.used = a.used[:0]
}

// Close gives the memory back.
func (a *Arena) Close() {
	a.Reset()
	for _, list := range a.free {
		for _, b := range list {
			release(b.mem)
		}
	}
	clear(a.free)
}

// Run calls f, and returns an error if it touches guarded memory, in its own
// goroutine, or panics.
func Run(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("guard: %v", p)
		}
	}()
	return f()
}
