package dsl

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"
)

// specs reads every spec under testdata.
func specs(tb testing.TB) (list [][]byte) {
	samples, _ := filepath.Glob("testdata/*.dsl")
	for _, name := range samples {
		src, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, src)
	}
	archives, _ := filepath.Glob("testdata/*/*.txtar")
	for _, name := range archives {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		for _, file := range ar.Files {
			if ext := filepath.Ext(file.Name); ext == ".dsl" || ext == ".spec" {
				list = append(list, file.Data)
			}
		}
	}
	return list
}

func seed(f *testing.F) {
	for _, src := range specs(f) {
		f.Add(src)
	}
}

// FuzzParse: no bytes make the parser panic, and the format of what parses is
// a fixed point.
func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		file, errs := Parse("fuzz.dsl", src)
		if errs.HasErrors() {
			return
		}
		once := Format(file)
		again, errs := Parse("fuzz.dsl", once)
		if errs.HasErrors() {
			t.Fatalf("formatted text does not parse: %v\n%s", errs, once)
		}
		if twice := Format(again); string(twice) != string(once) {
			t.Fatalf("format is not a fixed point:\n%s\n%s", once, twice)
		}
	})
}

// FuzzCheck: no spec makes the checker panic, and the core text of a good norm
// means the same.
func FuzzCheck(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		file, errs := Parse("fuzz.dsl", src)
		if errs.HasErrors() {
			return
		}
		prog, _ := Check(file)
		if prog == nil {
			return
		}
		for _, c := range prog.Norms {
			coreRoundTrip(t, c)
		}
	})
}

// coreRoundTrip prints a norm as equations, reads it back and prints it again.
func coreRoundTrip(t *testing.T, c *Core) {
	t.Helper()
	once := FormatCore(c)
	f, errs := Parse("core.dsl", once)
	if errs.HasErrors() {
		t.Fatalf("core text does not parse: %v\n%s", errs, once)
	}
	p, errs := Check(f)
	if errs.HasErrors() {
		t.Fatalf("core text does not check: %v\n%s", errs, once)
	}
	if twice := FormatCore(p.Norms[0]); string(twice) != string(once) {
		t.Fatalf("core text is not a fixed point:\n%s\n%s", once, twice)
	}
}
