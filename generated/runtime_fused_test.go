package generated_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestNothingFused holds runtime and generated packages, as compiled
// into this test, to no fused multiply-add where the processor has them: bits are
// the same at every GOAMD64. A product must be rounded by a conversion before it
// is added, also when the addition is in a caller.
func TestNothingFused(t *testing.T) {
	cmd := exec.Command("go", "test", "-c", "-o", filepath.Join(t.TempDir(), "x"), "-gcflags=github.com/normgen/normgen/...=-S", ".")
	cmd.Env = append(os.Environ(), "GOAMD64=v3", "GOARCH=amd64")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%.2000s", err, out)
	}
	ours := regexp.MustCompile(`^github\.com/normgen/normgen/(gen/plan|runtime|generated/\w+)\.\S+ STEXT`)
	fused := regexp.MustCompile(`\sVFN?M(ADD|SUB)\w*\s`)
	seen, in := 0, ""
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "\t") {
			if in = ours.FindString(line); in != "" {
				seen++
			}
		} else if in != "" && fused.MatchString(line) {
			t.Errorf("fused in %s:%s", in, line)
		}
	}
	if seen < 200 {
		t.Fatalf("the listing has %d functions only", seen)
	}
}
