package main

import (
	"fmt"
	"go/token"
	"path/filepath"
)

// outputDirectory returns where to write: what is asked for; under go generate
// the directory of the file with the go:generate line; otherwise a directory
// named after the spec, so that a first try does not litter the current one.
func (t *tool) outputDirectory(asked string, s source) string {
	switch {
	case asked != "":
		return asked
	case t.getenv("GOFILE") != "":
		return "."
	}
	return s.stem()
}

// packageName returns the name of the generated package: what is asked for;
// under go generate the package of the go:generate line, if the output goes
// beside it; otherwise the name of the directory or of the spec.
func (t *tool) packageName(asked, dir string, s source) (string, error) {
	names := []string{filepath.Base(absolute(dir)), s.stem()}
	if filepath.Clean(dir) == "." && t.getenv("GOPACKAGE") != "" {
		names = []string{t.getenv("GOPACKAGE")}
	}
	if asked != "" {
		names = []string{asked}
	}
	for _, name := range names {
		if token.IsIdentifier(name) && name != "_" {
			return name, nil
		}
	}
	return "", fmt.Errorf("%q is no package name: give one with -pkg", names[0])
}

// absolute makes the base name of "." and ".." a real one.
func absolute(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir
}
