package main

import (
	"fmt"
	"slices"
	"strings"
)

// isas lists the kernels that the library has on this machine, slowest first.
func isas() []string { return []string{"go"} }

// makeWith calls make so that the layers it makes use the kernels of isa.
func makeWith(isa string, make func() (*subject, error)) (*subject, error) {
	if !slices.Contains(isas(), isa) {
		return nil, fmt.Errorf("no %s kernels on this machine: -isa takes %s", isa, strings.Join(isas(), ", "))
	}
	return make()
}
