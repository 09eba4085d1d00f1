package main

import (
	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/gocode"
)

// backends is the list of back ends. A new one is a row here.
func backends() []gen.Backend {
	return []gen.Backend{gocode.Backend{}}
}
