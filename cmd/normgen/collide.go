package main

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/normgen/normgen/gen"
)

// collide refuses names that are different in the spec and the same in Go: the
// norms A and AOptions both declare AOptions. On some systems files whose
// names differ in case only are the same file.
func collide(files []gen.File) error {
	names := map[string]bool{}
	for _, f := range files {
		key := strings.ToLower(f.Name)
		if names[key] {
			return taken("file " + f.Name)
		}
		names[key] = true
	}
	declared := map[string]bool{}
	for _, f := range files {
		if err := collideDecls(declared, f); err != nil {
			return err
		}
	}
	return nil
}

// collideDecls adds what a Go file declares. Files under different constraints
// may declare the same.
func collideDecls(declared map[string]bool, f gen.File) error {
	if path.Ext(f.Name) != ".go" {
		return nil
	}
	where := constraintOf(f.Data)
	for _, d := range f.Decls {
		key := where + d.Name
		if declared[key] && d.Name != "_" {
			return taken(d.Name)
		}
		if imported(d.Name) {
			return fmt.Errorf("%s is a package that generated code imports: rename the norm (gen Norm as Name)", d.Name)
		}
		declared[key] = true
	}
	return nil
}

// imported reports whether a declaration called name would hide an import.
func imported(name string) bool {
	return slices.ContainsFunc(allowedImports, func(p string) bool { return path.Base(p) == name })
}

func taken(what string) error {
	return fmt.Errorf("two norms would both make %s: rename one (gen Norm as Name)", what)
}

// constraintOf returns the line with the build constraint, or "".
func constraintOf(data []byte) string {
	head, _, _ := bytes.Cut(data, []byte("\npackage "))
	if _, after, ok := bytes.Cut(head, []byte("\n//go:build ")); ok {
		line, _, _ := bytes.Cut(after, []byte("\n"))
		return string(line)
	}
	return ""
}
