package random

import (
	"regexp"
	"strings"
	"testing"

	"github.com/normgen/normgen/dsl"
)

// valid reports whether a spec has no errors.
func valid(text string) dsl.ErrorList {
	f, errs := dsl.Parse("random.dsl", []byte(text))
	if !errs.HasErrors() {
		_, errs = dsl.Check(f)
	}
	return errs
}

// Every spec is valid, and a function of its seed.
func TestSpecs(t *testing.T) {
	for seed := range uint64(2000) {
		text := Spec(seed)
		if errs := valid(text); errs.HasErrors() {
			t.Fatalf("seed %d: %v\n%s", seed, errs, text)
		}
		if text != Spec(seed) {
			t.Fatalf("seed %d: another text the second time", seed)
		}
	}
}

// Among a few hundred specs is every word and function of the language but those
// that choose what to generate.
func TestEverything(t *testing.T) {
	var b strings.Builder
	for seed := range uint64(600) {
		b.WriteString(Spec(seed))
	}
	text := b.String()
	for _, word := range strings.Fields("axis in mask param state let stat out update grad mode train eval backward approximate reduce shift scale running affine unbiased cumulative " +
		"where if then else and or not step sqrt rsqrt exp log tanh erf abs floor mod max min clip detach ema derived size index mean sum all keep") {
		if !regexp.MustCompile(`\b` + word + `\b`).MatchString(text) {
			t.Errorf("no spec has %s", word)
		}
	}
}

// A spec that fails because of one thing shrinks to little more than that.
func TestShrink(t *testing.T) {
	for _, part := range []string{"floor(", "running", "max<", "| keep", "update"} {
		seed := uint64(0)
		for !strings.Contains(Spec(seed), part) {
			seed++
		}
		small := Shrink(Spec(seed), func(list []string) int {
			for i, text := range list {
				if strings.Contains(text, part) && !valid(text).HasErrors() {
					return i
				}
			}
			return -1
		})
		if !strings.Contains(small, part) || valid(small).HasErrors() || len(strings.Fields(small)) > 60 {
			t.Errorf("%s: shrunk to\n%s", part, small)
		}
	}
}
