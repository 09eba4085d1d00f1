package main

import "github.com/normgen/normgen/gen"

// backends is the list of back ends. A new one is a row here.
func backends() []gen.Backend {
	return []gen.Backend{}
}
