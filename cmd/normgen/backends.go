package main

import (
	"github.com/normgen/normgen/asmgen"
	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/gocode"
)

// backends is the list of back ends. A new one is a row here; a set of vector
// instructions is a row of [asmgen.Sets]. Watch, unless nil, sees each file of
// assembly before it is filled.
func backends(watch func(f *asmgen.File)) []gen.Backend {
	var sets []gocode.Assembler
	for _, s := range asmgen.Sets {
		sets = append(sets, gocode.Assembler{Target: s.Name, Suffix: s.Suffix,
			NewFile: func(spec string) gocode.LoopFile {
				f := s.NewFile(spec)
				if watch != nil {
					watch(f)
				}
				return f
			}})
	}
	return []gen.Backend{gocode.Backend{Assemblers: sets}}
}
