package generated_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/normgen/normgen/testdata/gates"
)

// TestGate16Builds runs tests in the builds that look closer: with the race detector,
// which must see a race that a test of package runtime plants in assembly, with checks
// of pointers, and without optimization, where frames are large.
func TestGate16Builds(t *testing.T) {
	if !gates.Release() { // a size, not the machine: a push runs the same tests in one build
		t.Skip("it compiles everything three times: before a release, and in .ci/run builds")
	}
	g := gates.Open(t, 16, "race, checkptr, -N -l")
	for _, flags := range [][]string{{"-race"}, {"-gcflags=all=-d=checkptr"}, {"-gcflags=all=-N -l"}} {
		args := append([]string{"test", "-count=1", "-run", "Race|SideBySide|Methods|Gate09Rows|Gate13"}, flags...)
		cmd := exec.Command("go", append(args, "../runtime", ".")...)
		cmd.Env = append(os.Environ(), gates.Variable+"=")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("go test %s: %v\n%s", strings.Join(flags, " "), err, out)
		}
	}
	g.Figure("3 builds clean; the planted race is reported")
}
