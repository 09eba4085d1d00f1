package main

import (
	"github.com/normgen/normgen/asmgen"
	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/gocode"
)

// backends is the list of back ends. A new one is a row here; a set of vector
// instructions is a row of [asmgen.Sets].
func backends() []gen.Backend {
	var sets []gocode.Assembler
	for _, s := range asmgen.Sets {
		sets = append(sets, gocode.Assembler{Target: s.Name, Suffix: s.Suffix,
			NewFile: func(spec string) gocode.LoopFile { return s.NewFile(spec) }})
	}
	return []gen.Backend{gocode.Backend{Assemblers: sets}}
}
