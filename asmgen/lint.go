package asmgen

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Lint reports what kernels must not do, by line of an assembly file of a set: a
// function that returns without VZEROUPPER, aligned loads and stores of what may
// lie anywhere, calls, registers beyond the set's, and fused products unless the
// file says that its arithmetic is fast.
func (s *Set) Lint(asm []byte) []error { return s.lint(asm, bytes.Contains(asm, []byte(fastNote))) }

func (s *Set) lint(asm []byte, fast bool) []error {
	rules := rules
	if !fast {
		rules = append(slices.Clone(rules), rounded)
	}
	var errs []error
	before := ""
	for i, line := range strings.Split(string(asm), "\n") {
		code, _, _ := strings.Cut(line, "//")
		fields := strings.Fields(code)
		if len(fields) == 0 || !strings.HasPrefix(line, "\t") {
			continue
		}
		for _, r := range rules {
			if r.broken(s, fields[0], code, before) {
				errs = append(errs, fmt.Errorf("line %d: %s: %s", i+1, strings.TrimSpace(code), r.text))
			}
		}
		before = fields[0]
	}
	return errs
}

// A rule says what an instruction must not be.
type rule struct {
	text   string
	broken func(s *Set, op, line, before string) bool
}

// beyond matches registers that only AVX-512 encodes.
var beyond = regexp.MustCompile(`\b(Z[0-9]+|K[0-7]|[XY](1[6-9]|2[0-9]|3[01]))\b`)

// rounded is the rule of exact arithmetic.
var rounded = rule{"products are rounded", func(s *Set, op, line, before string) bool {
	return strings.HasPrefix(op, "VFM") || strings.HasPrefix(op, "VFNM")
}}

var rules = []rule{
	{"VZEROUPPER comes before RET", func(s *Set, op, line, before string) bool { return op == "RET" && before != "VZEROUPPER" }},
	{"memory need not be aligned", func(s *Set, op, line, before string) bool { return strings.HasPrefix(op, "VMOVA") || op == "VMOVDQA" }},
	{"kernels call nothing", func(s *Set, op, line, before string) bool { return op == "CALL" || op == "SYSCALL" }},
	{"the register is not one of the set", func(s *Set, op, line, before string) bool { return s.Lanes == 8 && beyond.MatchString(line) }},
}
