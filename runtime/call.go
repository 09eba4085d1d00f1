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

// callCopied is the most elements that Go's own assembly copies or clears at once: up
// to 64 KiB, because memory that is touched for the first time takes up to 12 µs a page.
const callCopied = 1 << 13

// copyAll is copy for arrays of any length.
func copyAll[E any](dst, src []E) {
	if len(src) <= callCopied {
		copy(dst, src)
		return
	}
	copyLong(dst, src)
}

func copyLong[E any](dst, src []E) {
	for ; len(src) > callCopied; dst, src = dst[callCopied:], src[callCopied:] {
		copy(dst, src[:callCopied])
		interruptible()
	}
	copy(dst, src)
}

// clearAll is clear for arrays of any length.
func clearAll[E any](x []E) {
	for ; len(x) > callCopied; x = x[callCopied:] {
		clear(x[:callCopied])
		interruptible()
	}
	clear(x)
}

// cloned is a copy of an array of any length.
func cloned[E any](x []E) []E {
	out := make([]E, len(x))
	copyAll(out, x)
	return out
}
