package runtime

// Go cannot interrupt assembly, nor the few instructions between two calls of it, and
// a garbage collection waits. So these are the most elements that one call takes, some
// 50 µs of them from memory; longer rows take several.
const (
	CallElements = 1 << 16                  // of each tensor, in all rows together; a multiple of RowBlock
	CallColumns  = CallElements / BlockRows // of a block of rows, or of arrays of columns; a multiple of eight
)

// Between stands between calls of assembly that are long enough for Go to want the
// processor after each.
func Between(long bool) {
	if long {
		interruptible()
	}
}

// interruptible does nothing, but Go may interrupt a goroutine where a function begins
// that looks whether its stack has room. One that calls no other does not look.
//
//go:noinline
func interruptible() { nothingToDo() }

//go:noinline
func nothingToDo() {}

// copyAll is copy, and clearAll clear, for arrays that may be so long that Go, which
// has assembly of its own, would not be interrupted for too long.
func copyAll[E any](dst, src []E) {
	if len(src) <= CallElements {
		copy(dst, src)
		return
	}
	copyLong(dst, src)
}

func copyLong[E any](dst, src []E) {
	for ; len(src) > CallElements; dst, src = dst[CallElements:], src[CallElements:] {
		copy(dst, src[:CallElements])
		interruptible()
	}
	copy(dst, src)
}

func clearAll[E any](x []E) {
	for ; len(x) > CallElements; x = x[CallElements:] {
		clear(x[:CallElements])
		interruptible()
	}
	clear(x)
}
