package limit

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"
)

// aligned returns n floats that start at a multiple of 64 bytes.
func aligned(n int) []float32 {
	s := make([]float32, n+16)
	skip := -(uintptr(unsafe.Pointer(&s[0])) / 4) & 15
	return s[skip:][:n:n]
}

func arrays(n, length int, fill func() float32) [][]float32 {
	out := make([][]float32, n)
	for i := range out {
		out[i] = aligned(length)
		for j := range out[i] {
			out[i][j] = fill()
		}
	}
	return out
}

// TestWays holds every way of this machine to the sums, below, at and above the
// size of a chunk, and to leaving what follows the arrays as it was.
func TestWays(t *testing.T) {
	const room, untouched = 300, -1
	r := rand.New(rand.NewPCG(1, 2))
	for _, f := range Flows {
		in := arrays(f.Reads, room, func() float32 { return r.Float32() })
		for _, w := range Ways(f) {
			for _, n := range []int{0, 1, chunk - 1, chunk, chunk + 1, 4*chunk + 9} {
				t.Run(fmt.Sprint(f, w.Name, n), func(t *testing.T) {
					out := arrays(f.Writes, room, func() float32 { return untouched })
					w.Run(cut(out, n), cut(in, n))
					for _, o := range out {
						if want := sums(in, n, room, untouched); !slices.Equal(o, want) {
							t.Errorf("got %v, want %v", o, want)
						}
					}
				})
			}
		}
	}
}

func cut(arrays [][]float32, n int) [][]float32 {
	out := make([][]float32, len(arrays))
	for i, a := range arrays {
		out[i] = a[:n]
	}
	return out
}

// sums adds up the first n elements, in order.
func sums(in [][]float32, n, room int, rest float32) []float32 {
	out := slices.Repeat([]float32{rest}, room)
	for i := range n {
		out[i] = in[0][i]
		for _, a := range in[1:] {
			out[i] += a[i]
		}
	}
	return out
}
