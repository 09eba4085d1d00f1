package main

import (
	"fmt"
	"sync"

	"github.com/normgen/normgen/runtime"
)

// isas lists the kernels that the library has on this machine, as far as NORM_ISA
// allows, slowest first. makeWith caps later, so it is asked once.
var isas = sync.OnceValue(func() []string {
	best, err := runtime.BestISA()
	if err != nil {
		return []string{runtime.Portable.String()} // makeWith reports it
	}
	var out []string
	for i := runtime.Portable; i <= best; i++ {
		out = append(out, i.String())
	}
	return out
})

// makeWith calls make so that the layers it makes use the kernels of isa. The
// process stays capped to it: every layer here is made by makeWith.
func makeWith(isa string, make func() (*subject, error)) (*subject, error) {
	i, err := runtime.ParseISA(isa)
	if err == nil {
		err = runtime.CapISA(i)
	}
	if err != nil {
		return nil, fmt.Errorf("kernels of %s: %w", isa, err)
	}
	return make()
}
