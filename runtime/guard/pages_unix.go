//go:build unix

package guard

import "syscall"

const guarded = true

var pageSize = syscall.Getpagesize()

// guardedPages maps n pages between two that must not be touched.
func guardedPages(n int) []byte {
	mem, err := syscall.Mmap(-1, 0, (n+2)*pageSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic("guard: " + err.Error())
	}
	for _, page := range [][]byte{mem[:pageSize], mem[(n+1)*pageSize:]} {
		if err := syscall.Mprotect(page, syscall.PROT_NONE); err != nil {
			panic("guard: " + err.Error())
		}
	}
	return mem[pageSize : (n+1)*pageSize]
}

// release unmaps what guardedPages returned, with the pages around it.
func release(inner []byte) {
	whole := unsafeAround(inner, pageSize)
	if err := syscall.Munmap(whole); err != nil {
		panic("guard: " + err.Error())
	}
}
