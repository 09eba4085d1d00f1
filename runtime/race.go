//go:build race

package runtime

import (
	"runtime"
	"unsafe"
)

// reveal tells the race detector, which does not see into assembly, what a sweep
// reads and writes of the tensors.
func reveal[T Float](in, out []ViewOf[T]) {
	for i := range in {
		in[i].each(runtime.RaceReadRange)
	}
	for i := range out {
		out[i].each(runtime.RaceWriteRange)
	}
}

func (v *ViewOf[T]) each(note func(at unsafe.Pointer, bytes int)) {
	for i := range v.Rows {
		if r := v.Row(i); len(r) > 0 {
			note(unsafe.Pointer(&r[0]), len(r)*int(unsafe.Sizeof(r[0])))
		}
	}
}
