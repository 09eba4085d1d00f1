// Package gates gives the tests that hold the project to its promises, the
// gates, a size and a common form of report.
//
// A gate is a test called TestGateNN and what it holds. It runs at the size of a
// push, or at that of a release if NORMGEN_GATES=release, and logs one line for
// each thing it measured:
//
//	GATE 18 | TestGate18RandomSpecs | random specs | 512 specs, 471 compiled, 0 differ | pass
//
// Package report makes the table of a release of these lines.
package gates

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// Variable is the environment variable that chooses the size: release, or unset.
const Variable = "NORMGEN_GATES"

// Release reports whether gates run at the size of a release.
func Release() bool { return os.Getenv(Variable) == "release" }

// Sized returns one of the two sizes.
func Sized[T any](push, release T) T {
	if Release() {
		return release
	}
	return push
}

// Numbered lists the gates of a release.
var Numbered = []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30}

// A Gate reports one thing that a test measures, when the test ends.
type Gate struct {
	number       int
	what, figure string
}

const brokeOff = "broke off"

// Open begins a report; without a [Gate.Figure] the test broke off.
func Open(t testing.TB, number int, what string) *Gate {
	g := &Gate{number, what, brokeOff}
	t.Cleanup(func() {
		result := "pass"
		if t.Failed() || g.figure == brokeOff { // a panic does not count as a failure yet
			result = "fail"
		}
		test, _, _ := strings.Cut(t.Name(), "/")
		t.Logf("GATE %d | %s | %s | %s | %s", g.number, test, g.what, g.figure, result)
	})
	return g
}

// Figure sets what was measured.
func (g *Gate) Figure(format string, args ...any) { g.figure = fmt.Sprintf(format, args...) }
