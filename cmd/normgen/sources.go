package main

import (
	"io/fs"
	"os"
	"path/filepath"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/testdata"
)

// sourcesOf returns what a spec may use: the library, and the files below its
// own directory. Standard input has no directory.
func sourcesOf(s source) dsl.Sources {
	from := dsl.Sources{Library: testdata.Specs}
	if s.path != stdin {
		from.Beside = beside(filepath.Dir(s.path))
	}
	return from
}

// beside is the files below a directory. They are opened through an [os.Root]:
// no name and no symbolic link leads out of it.
type beside string

func (dir beside) Open(name string) (fs.File, error) { return os.OpenInRoot(string(dir), name) }

func (dir beside) Stat(name string) (fs.FileInfo, error) {
	root, err := os.OpenRoot(string(dir))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.Stat(name)
}
