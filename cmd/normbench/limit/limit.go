// Package limit moves memory as fast as the machine can: what no layer that
// reads and writes the same arrays can beat. Several ways compete, because which
// one is fastest depends on how much is moved.
package limit

// A Flow is a number of arrays that are read and of arrays that are written.
type Flow struct{ Reads, Writes int }

// Flows are those that every machine has ways for: one array to another, and
// sums of two or three arrays to one or two.
var Flows = []Flow{{1, 1}, {2, 1}, {2, 2}, {3, 1}}

// A Way is a way to write the sum of the arrays read to each array written.
type Way struct {
	Name string
	move func(n int, out0, out1, in0, in1, in2 *float32) // nil: plain Go
}

// chunk is what the assembly moves at a time, in floats; Go moves the rest.
const chunk = 64

// Ways lists the ways that this machine has for f.
func Ways(f Flow) []Way {
	return append([]Way{{Name: "go"}}, assembly(f)...)
}

// Run moves once. The slices must have one length and be those of the flow that
// the way was made for. Streaming stores need outputs that start at multiples of
// 64 bytes.
func (w Way) Run(out, in [][]float32) {
	n := len(out[0])
	done := 0
	if w.move != nil && n >= chunk {
		done = n - n%chunk
		w.move(done, at(out, 0), at(out, 1), at(in, 0), at(in, 1), at(in, 2))
	}
	if done == n {
		return
	}
	switch len(in) {
	case 1:
		for _, o := range out {
			copy(o[done:], in[0][done:])
		}
	case 2:
		sum2(out, in[0], in[1], done)
	case 3:
		sum3(out[0], in[0], in[1], in[2], done)
	}
}

// at returns the start of array i; nil if the flow has no such array.
func at(arrays [][]float32, i int) *float32 {
	if i >= len(arrays) {
		return nil
	}
	return &arrays[i][0]
}

func sum2(out [][]float32, a, b []float32, from int) {
	b, o := b[:len(a)], out[0][:len(a)]
	if len(out) == 1 {
		for i := from; i < len(a); i++ {
			o[i] = a[i] + b[i]
		}
		return
	}
	second := out[1][:len(a)]
	for i := from; i < len(a); i++ {
		s := a[i] + b[i]
		o[i], second[i] = s, s
	}
}

func sum3(o, a, b, c []float32, from int) {
	o, b, c = o[:len(a)], b[:len(a)], c[:len(a)]
	for i := from; i < len(a); i++ {
		o[i] = a[i] + b[i] + c[i]
	}
}
