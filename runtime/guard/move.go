package guard

import (
	"cmp"
	"reflect"
	"slices"
	"unsafe"
)

// Move moves every array of numbers and booleans that can be reached from the
// roots, pointers, through pointers, structures and slices, exported or not. All
// slices of an array follow it. Nothing else may use the arrays at that time. It
// returns how many there were.
func (a *Arena) Move(p Place, roots ...any) (arrays int) {
	w := &walk{seen: map[unsafe.Pointer]bool{}}
	for _, r := range roots {
		w.value(reflect.ValueOf(r))
	}
	slices.SortFunc(w.found, func(x, y *header) int { return cmp.Compare(x.from, y.from) })
	for len(w.found) > 0 {
		n, end := 1, w.found[0].end()
		for n < len(w.found) && w.found[n].from < end {
			end = max(end, w.found[n].end())
			n++
		}
		a.moveArray(p, w.found[:n], end)
		w.found = w.found[n:]
		arrays++
	}
	return arrays
}

// moveArray moves the array that the slices overlap in.
func (a *Arena) moveArray(p Place, list []*header, end uintptr) {
	from := list[0].from
	to := a.bytes(int(end-from), list[0].unit, p)
	copy(to, unsafe.Slice((*byte)(list[0].at.data), end-from))
	for _, h := range list {
		h.at.data = unsafe.Pointer(&to[h.from-from])
	}
}

// A header is a slice that was found, and where its words are.
type header struct {
	at   *words
	from uintptr // its address
	unit int     // bytes of an element
}

type words struct {
	data     unsafe.Pointer
	len, cap int
}

func (h *header) end() uintptr { return h.from + uintptr(h.at.cap*h.unit) }

type walk struct {
	seen  map[unsafe.Pointer]bool
	found []*header
}

func (w *walk) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && !w.seen[v.UnsafePointer()] {
			w.seen[v.UnsafePointer()] = true
			w.value(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			w.value(v.Field(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			w.value(v.Index(i))
		}
	case reflect.Slice:
		w.slice(v)
	}
}

func (w *walk) slice(v reflect.Value) {
	switch v.Type().Elem().Kind() {
	case reflect.Float32, reflect.Float64, reflect.Bool, reflect.Uint8, reflect.Int:
		if v.Cap() > 0 && v.CanAddr() {
			at := (*words)(unsafe.Pointer(v.UnsafeAddr()))
			w.found = append(w.found, &header{at, uintptr(at.data), int(v.Type().Elem().Size())})
		}
	default:
		for i := range v.Len() {
			w.value(v.Index(i))
		}
	}
}

// unsafeAround is a slice with n more bytes on either side.
func unsafeAround(b []byte, n int) []byte {
	return unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), -n)), len(b)+2*n)
}
