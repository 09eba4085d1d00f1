package main

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"github.com/normgen/normgen/asmgen"
)

// TestCommitted holds the files of package runtime to what is written now.
func TestCommitted(t *testing.T) {
	files, err := source()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile("../../runtime/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("runtime/%s is stale: go generate ./runtime", name)
		}
	}
}

// TestRequirements holds every function to the extensions that are checked for, and
// SFENCE (MMX+), which is in every amd64.
func TestRequirements(t *testing.T) {
	for _, s := range asmgen.Sets {
		file, err := compile([]*asmgen.Set{s})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range file.Functions() {
			for _, x := range f.ISA {
				if x != "MMX+" && !slices.Contains(s.Needs, x) {
					t.Errorf("%s requires %s", f.Name, x)
				}
			}
		}
	}
}
