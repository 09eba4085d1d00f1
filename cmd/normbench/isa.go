package main

import (
	"fmt"

	"github.com/normgen/normgen/runtime"
)

// isas lists the kernels that the library has on this machine, slowest first.
func isas() []string {
	var out []string
	for _, i := range []runtime.ISA{runtime.Portable, runtime.AVX2, runtime.AVX512} {
		if runtime.Supported(i) {
			out = append(out, i.String())
		}
	}
	return out
}

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
