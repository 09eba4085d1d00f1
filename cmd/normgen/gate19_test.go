package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen/random"
	"github.com/normgen/normgen/testdata/gates"
)

// mutants is how many invalid specs the gate wants.
const mutants = 2000

// TestGate19InvalidSpecs breaks good specs at random, in words, lines and bytes. Each
// that is no longer valid is refused with its place, quickly, in bounded memory, and
// nothing is written.
func TestGate19InvalidSpecs(t *testing.T) {
	g := gates.Open(t, 19, "mutated specs are refused with line and column")
	good := goodSpecs(t)
	t.Chdir(t.TempDir())
	r := rand.New(rand.NewPCG(19, 19))
	refused, still := 0, 0
	var slowest time.Duration
	for refused < mutants {
		text := mutate(r, good[r.IntN(len(good))], good)
		if sound(text) {
			still++
			continue
		}
		refused++
		slowest = max(slowest, refuses(t, text))
		if t.Failed() {
			t.Fatalf("of this spec:\n%s", text)
		}
	}
	g.Figure("%d invalid specs, %d mutants were still valid, slowest %v of processor time", refused, still, slowest.Round(time.Millisecond))
}

// goodSpecs are those of the library and some random ones.
func goodSpecs(t *testing.T) []string {
	t.Helper()
	var list []string
	for _, path := range specs(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(text))
	}
	for seed := range uint64(30) {
		list = append(list, random.Spec(seed))
	}
	return list
}

// sound reports whether a text passes the checks of the language.
func sound(text string) bool {
	f, errs := dsl.Parse("spec.dsl", []byte(text))
	if errs.HasErrors() {
		return false
	}
	f, errs = dsl.Link(f, sourcesOf(source{path: "spec.dsl", text: []byte(text)}))
	if errs.HasErrors() {
		return false
	}
	_, errs = dsl.Check(f)
	return !errs.HasErrors()
}

// refuses holds the command to what it promises of invalid specs.
func refuses(t *testing.T, text string) time.Duration {
	t.Helper()
	if err := os.WriteFile("spec.dsl", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	before, start := allocated(), processorTime()
	status, stdout, stderr := runIn("-spec", "spec.dsl", "-o", "out", "-pkg", "p")
	took := processorTime() - start
	if took > time.Second {
		t.Errorf("took %v", took)
	}
	if got := allocated() - before; got > 256<<20 {
		t.Errorf("allocated %d MiB", got>>20)
	}
	if status != failed || stdout != "" {
		t.Errorf("status %d, output %.100q", status, stdout)
	}
	if !position.MatchString(stderr) || strings.Contains(stderr, "internal error") || len(stderr) > 64<<10 {
		t.Errorf("%d bytes of messages: %.500q", len(stderr), stderr)
	}
	if entries, err := filepath.Glob("*"); err != nil || len(entries) != 1 {
		t.Errorf("written: %v", entries)
	}
	return took
}

// processorTime is what the process has used: other load does not count.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// words cuts a spec into words, signs and blanks.
var words = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*|[0-9][0-9.e-]*|\s+|.`)

// mutate changes one to three things of a text.
func mutate(r *rand.Rand, text string, others []string) string {
	for range 1 + r.IntN(3) {
		list := words.FindAllString(text, -1)
		if len(list) == 0 {
			return "norm"
		}
		i, j := r.IntN(len(list)), r.IntN(len(list))
		switch r.IntN(9) {
		case 0: // leave out
			list = append(list[:i], list[i+1:]...)
		case 1: // double
			list[i] += " " + list[i]
		case 2: // swap
			list[i], list[j] = list[j], list[i]
		case 3: // a word of another spec
			other := words.FindAllString(others[r.IntN(len(others))], -1)
			list[i] = other[r.IntN(len(other))]
		case 4: // break off
			list = list[:i]
		case 5: // a byte
			list[i] += string([]byte{byte(r.IntN(256))})
		case 6: // a piece again elsewhere
			end := min(len(list), j+1+r.IntN(30))
			list[i] += " " + strings.Join(list[j:end], "")
		case 7: // leave a piece out
			list = append(list[:i], list[min(len(list), i+1+r.IntN(20)):]...)
		case 8: // another spelling
			list[i] = strings.ToUpper(list[i]) + fmt.Sprint(r.IntN(3))
		}
		text = strings.Join(list, "")
	}
	return text
}
