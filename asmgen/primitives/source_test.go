package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/asmgen"
)

// TestCommitted holds the files of package runtime to what is written now.
func TestCommitted(t *testing.T) {
	code, stubs, err := source()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]byte{"primitives_amd64.s": code, "primitives_amd64.go": stubs} {
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

// TestCheck holds check to its rules: each has a function that breaks it.
func TestCheck(t *testing.T) {
	for want, body := range map[string]func(c *build.Context){
		"register 16":        func(c *build.Context) { c.VADDPS(reg.Y0, reg.Y1, reg.Y16); c.VZEROUPPER(); c.RET() },
		"instruction of SSE": func(c *build.Context) { c.ADDPS(reg.X0, reg.X1); c.VZEROUPPER(); c.RET() },
		"without VZEROUPPER": func(c *build.Context) { c.VADDPS(reg.Y0, reg.Y1, reg.Y2); c.RET() },
	} {
		c := build.NewContext()
		c.Function("f")
		c.Attributes(attr.NOSPLIT)
		c.SignatureExpr("func()")
		body(c)
		file, err := c.Result()
		if err != nil {
			t.Fatal(err)
		}
		if err := pass.Compile.Execute(file); err != nil {
			t.Fatal(err)
		}
		if err := check(file.Functions()[0]); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
}
