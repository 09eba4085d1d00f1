package runtime

import (
	"fmt"
	"math/bits"
	"unsafe"
)

// Float is a storage type.
type Float interface{ float32 | float64 }

// A ViewOf is a matrix of rows in a slice: row i is Data[i*Stride:][:Cols].
type ViewOf[T Float] struct {
	Data   []T
	Rows   int
	Cols   int
	Stride int // elements from one row to the next; at least Cols
}

// The views of the two storage types.
type (
	View   = ViewOf[float32]
	View64 = ViewOf[float64]
)

// Matrix returns the dense view of data as rows of cols elements. It panics if
// data is too short.
func Matrix[T Float](data []T, rows, cols int) ViewOf[T] {
	v := ViewOf[T]{data, rows, cols, cols}
	v.check("data")
	return v
}

// Row returns row i.
func (v *ViewOf[T]) Row(i int) []T { return v.Data[i*v.Stride:][:v.Cols:v.Cols] }

// Slice returns rows lo to hi.
func (v ViewOf[T]) Slice(lo, hi int) ViewOf[T] {
	if lo < 0 || hi < lo || hi > v.Rows {
		panic(fmt.Sprintf("runtime: rows %d:%d of %d", lo, hi, v.Rows))
	}
	var out ViewOf[T]
	out.point(&v, lo, hi)
	return out
}

// point makes v rows lo to hi of u, which has them. It goes field by field: the
// copy of a whole view that was just written waits for the parts to arrive.
func (v *ViewOf[T]) point(u *ViewOf[T], lo, hi int) {
	v.Rows, v.Cols, v.Stride = hi-lo, u.Cols, u.Stride
	if hi > lo {
		v.Data = u.Data[lo*u.Stride : (hi-1)*u.Stride+u.Cols]
	} else {
		v.Data = nil
	}
}

// setViews makes dst the views of src, field by field as point does.
func setViews[T Float](dst []ViewOf[T], src []*ViewOf[T]) {
	for i, s := range src {
		d := &dst[i]
		d.Data, d.Rows, d.Cols, d.Stride = s.Data, s.Rows, s.Cols, s.Stride
	}
}

// check panics unless v is a whole matrix.
func (v *ViewOf[T]) check(name string) {
	switch {
	case v.Rows < 0 || v.Cols < 0:
		panic(fmt.Sprintf("runtime: %s has %d rows and %d columns", name, v.Rows, v.Cols))
	case v.Stride < v.Cols:
		panic(fmt.Sprintf("runtime: %s has stride %d for %d columns", name, v.Stride, v.Cols))
	case v.Rows > 0 && !v.fits():
		panic(fmt.Sprintf("runtime: %s has %d elements; %d rows of %d at stride %d need more",
			name, len(v.Data), v.Rows, v.Cols, v.Stride))
	}
}

// fits reports whether the data of at least one row reaches to the end of the
// last. The product of rows and stride may be too large for an int.
func (v *ViewOf[T]) fits() bool {
	high, low := bits.Mul64(uint64(v.Rows-1), uint64(v.Stride))
	left := len(v.Data) - v.Cols
	return left >= 0 && high == 0 && low <= uint64(left)
}

// whole reports whether v is a matrix with elements, all in its data.
func (v *ViewOf[T]) whole() bool {
	return v.Rows > 0 && v.Cols > 0 && v.Stride >= v.Cols && v.fits()
}

// sameAs reports whether two views are the same matrix in the same memory.
func (v *ViewOf[T]) sameAs(w *ViewOf[T]) bool {
	return v.Rows == w.Rows && v.Cols == w.Cols && v.Stride == w.Stride && v.address() == w.address()
}

func (v *ViewOf[T]) address() uintptr {
	return uintptr(unsafe.Pointer(unsafe.SliceData(v.Data)))
}

// overlaps reports whether two views share an element. Views of one stride may
// interleave, as the parts of a packed projection do; for views of different
// strides it also reports true if one lies in the gaps of the other.
func (v *ViewOf[T]) overlaps(w *ViewOf[T]) bool {
	if v.Rows == 0 || w.Rows == 0 || v.Cols == 0 || w.Cols == 0 {
		return false
	}
	size := unsafe.Sizeof(v.Data[0])
	a, b := v.address()/size, w.address()/size
	aEnd := a + uintptr((v.Rows-1)*v.Stride+v.Cols)
	bEnd := b + uintptr((w.Rows-1)*w.Stride+w.Cols)
	if aEnd <= b || bEnd <= a {
		return false
	}
	if v.Stride != w.Stride {
		return true
	}
	off := int(b-a) % v.Stride
	if b < a {
		off = (v.Stride - int(a-b)%v.Stride) % v.Stride
	}
	return off < v.Cols || off+w.Cols > v.Stride
}

// A NamedOf is a named vector of a layer: a parameter, gradient or state. Data
// is the layer's own memory.
type NamedOf[T Float] struct {
	Name string
	Data []T
}

// A Stat is a statistic of one pass: its values, and the number of elements it
// was taken over (0: the domain was empty and the values mean nothing).
type Stat struct {
	Name   string
	Count  float64
	Values []float64
}

// GradMode says what Backward does with what its outputs hold: the gradients of
// the inputs, and those of the parameters in Grads.
type GradMode uint8

const (
	Overwrite  GradMode = iota
	Accumulate          // add to it; where dx is dy, dx becomes dy plus the gradient
)
