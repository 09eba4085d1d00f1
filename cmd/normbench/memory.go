package main

import (
	"math/rand/v2"
	"unsafe"
)

// A memory holds the arrays of one norm and shape. All contenders work on the
// same ones, so that none has better pages than another.
type memory struct {
	arrays map[string][]float32
	random *rand.Rand
}

func newMemory() *memory {
	return &memory{map[string][]float32{}, rand.New(rand.NewPCG(1, 2))}
}

// array returns the array of that name, n random numbers at first: some caches
// do not store lines of zeros.
func (m *memory) array(name string, n int) []float32 {
	a, ok := m.arrays[name]
	if !ok {
		a = staggered(n, len(m.arrays))
		for i := range a {
			a[i] = float32(m.random.NormFloat64())
		}
		m.arrays[name] = a
	}
	return a
}

// line is the number of floats in a cache line.
const line = 16

// staggered returns the i-th array: it starts at an odd multiple of a line's
// size past a page of its own, since arrays that start at the same place of a
// page compete for the same sets of a cache.
func staggered(n, i int) []float32 {
	const page = 1024
	first := (2*i + 1) * line % page
	a := make([]float32, n+2*page)
	skip := int(-(uintptr(unsafe.Pointer(unsafe.SliceData(a)))/4)&(page-1)) + first
	return a[skip:][:n:n]
}
