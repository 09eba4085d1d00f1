package gocode

import (
	"slices"
	"testing"
)

func TestNames(t *testing.T) {
	for in, want := range map[string]string{"PNV": "pnv", "PNVFast": "pnvFast", "LayerNorm": "layerNorm", "X": "x", "RMSNorm": "rmsNorm"} {
		if got := lowerFirst(in); got != want {
			t.Errorf("lowerFirst(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"running_mean": "runningMean", "var": "varValue", "n": "nValue", "xc": "xc", "Gam": "gam", "w": "wValue"} {
		if got := local(in); got != want {
			t.Errorf("local(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"powernorm.dsl": "powernorm", "my-norms.dsl": "mynorms", "3d.dsl": "spec3d", "../x.dsl": "x", "": "spec"} {
		if got := identifier(in); got != want {
			t.Errorf("identifier(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestLines requires that text from outside cannot leave its comment.
func TestLines(t *testing.T) {
	got := lines("a\nb\r\nc\u2028d\u0085e\x00f\u202eg \t")
	want := []string{"a", "b", "c", "d", "ef" + "g"}
	if !slices.Equal(got, want) {
		t.Errorf("lines = %q, want %q", got, want)
	}
	if got := comment("go:embed x\nline y:1"); got != "// go:embed x\n// line y:1" {
		t.Errorf("comment = %q", got)
	}
}
