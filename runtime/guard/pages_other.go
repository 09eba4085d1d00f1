//go:build !unix

package guard

const guarded = false

// Without mprotect there are the known bytes alone.
const pageSize = 4096

func guardedPages(n int) []byte { return make([]byte, n*pageSize) }

func release([]byte) {}
