package main

import (
	"fmt"
	"go/build"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/normgen/normgen/gen"
)

// verify parses every generated file back and compares what it declares with
// what was planned. A spec is untrusted text: should a name or a comment of it
// ever escape into code, the declarations differ and nothing is written.
func verify(pkg, spec string, files []gen.File) error {
	for _, f := range files {
		if err := verifyName(f.Name); err != nil {
			return err
		}
		if err := verifyFile(pkg, spec, f); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return nil
}

func verifyFile(pkg, spec string, f gen.File) error {
	if from := origin(f.Data); from != spec {
		return fmt.Errorf("the first line names the spec %q, want %q", from, spec)
	}
	declares := goDecls
	if path.Ext(f.Name) == ".s" {
		declares = asmDecls
	}
	got, err := declares(pkg, f)
	if err != nil {
		return err
	}
	return sameDecls(got, f.Decls)
}

// sameDecls compares two lists of declarations as multisets.
func sameDecls(got, want []gen.Decl) error {
	g, w := printDecls(got), printDecls(want)
	for i := range max(len(g), len(w)) {
		switch {
		case i == len(w) || i < len(g) && g[i] < w[i]:
			return fmt.Errorf("declares %s, which is not planned", g[i])
		case i == len(g) || w[i] < g[i]:
			return fmt.Errorf("does not declare %s, which is planned", w[i])
		}
	}
	return nil
}

func printDecls(decls []gen.Decl) []string {
	list := make([]string, len(decls))
	for i, d := range decls {
		list[i] = d.Kind + " " + d.Name
	}
	slices.Sort(list)
	return list
}

// fileName is what a checked identifier and a fixed suffix give.
var fileName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*\.(go|s)$`)

// verifyName refuses a name that leads elsewhere, and one that the go command
// would read as a constraint: norm_windows.go and norm_test.go. Only the
// constraint that assembly needs and the test of fuzz targets are meant.
func verifyName(name string) error {
	if !fileName.MatchString(name) {
		return fmt.Errorf("%q is no name for a generated file", name)
	}
	ext := path.Ext(name)
	base := strings.TrimSuffix(strings.TrimSuffix(name, ext), "_amd64")
	if isFuzz(name) {
		base = strings.TrimSuffix(base, "_test")
	}
	if strings.HasSuffix(base, "_test") || !portable(base+".go") {
		return fmt.Errorf("%q would be built for some targets only", name)
	}
	return nil
}

// isFuzz reports whether a file is meant to be a test: that of the fuzz targets.
func isFuzz(name string) bool { return strings.HasSuffix(name, "_fuzz_norm_test.go") }

// portable asks go/build, which knows all systems and architectures, whether
// a machine of no known kind would build a file of this name.
func portable(name string) bool {
	nowhere := build.Context{GOOS: "none", GOARCH: "none", Compiler: "gc", OpenFile: func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("package p\n")), nil
	}}
	ok, err := nowhere.MatchFile(".", name)
	return ok && err == nil
}
