package asmgen

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Lint reports what kernels must not do, by line of an assembly file of a set: a
// function that returns without VZEROUPPER, instructions of SSE, aligned loads and
// stores of what may lie anywhere, calls, another rounding mode, lengths of 32 bits,
// large frames, registers beyond the set's, and fused products unless the file says
// that its arithmetic is fast.
func (s *Set) Lint(asm []byte) []error { return s.lint(asm, bytes.Contains(asm, []byte(fastNote))) }

func (s *Set) lint(asm []byte, fast bool) []error {
	var errs []error
	before, ones := "", map[string]bool{}
	for i, line := range strings.Split(string(asm), "\n") {
		code, _, _ := strings.Cut(line, "//")
		fields := strings.Fields(code)
		if len(fields) == 0 || fields[0] != "TEXT" && !strings.HasPrefix(line, "\t") {
			continue
		}
		for _, r := range rules {
			if r.broken(s, fields[0], code, before) {
				errs = append(errs, fmt.Errorf("line %d: %s: %s", i+1, strings.TrimSpace(code), r.text))
			}
		}
		if !fast && rounded.broken(s, fields[0], code, before) && !ones[registerNumber(fields[1])] {
			errs = append(errs, fmt.Errorf("line %d: %s: %s", i+1, strings.TrimSpace(code), rounded.text))
		}
		before = fields[0]
		note(ones, fields)
	}
	return errs
}

// note keeps the set of registers that hold ones in all lanes: a product with 1 is
// not rounded.
func note(ones map[string]bool, fields []string) {
	last := registerNumber(fields[len(fields)-1])
	delete(ones, last)
	switch {
	case fields[0] == "TEXT":
		clear(ones)
	case fields[0] == "VBROADCASTSS" && strings.HasPrefix(fields[1], constants{}.name(1)+"<"):
		ones[last] = true
	}
}

// registerNumber is what all widths of a vector register have in common.
func registerNumber(register string) string {
	return strings.TrimLeft(strings.TrimSuffix(register, ","), "XYZ")
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

// aligned are moves that fault where memory is not aligned. VMOVNTPS, which also
// does, comes after a test of the addresses.
var aligned = regexp.MustCompile(`^VMOV(AP[SD]|DQA(32|64)?|NT(DQ|DQA|PD))$`)

// integers are the instructions on general registers that kernels use; all others
// are those of vectors, with a V, or masks, with a K.
var integers = regexp.MustCompile(`^(TEXT|RET|J[A-Z]+|(MOV|ADD|SUB|CMP|LEA|TEST|XOR|OR|AND|SHL|SHR|IMUL|IMUL3|INC|DEC|NEG|BZHI)[BWLQ]|MOV[BWL][LQ][SZ]X|CMOVQ[A-Z]+|SET[A-Z]+|VZEROUPPER|SFENCE|PAUSE|PREFETCHT1)$`)

// short is arithmetic on lengths in 32 bits: 2^31 elements and more are not so many.
// Masks of lanes have 16.
var short = regexp.MustCompile(`^((ADD|SUB|CMP|LEA|IMUL|IMUL3|INC|DEC|NEG)[BWL]|MOV[WL]|MOV[WL]Q[SZ]X)$`)

// frame is the size of a function's.
var frame = regexp.MustCompile(`\$([0-9]+)(-[0-9]+)?\s*$`)

// maxFrame keeps chains of functions that do not check the stack short.
const maxFrame = 256

var rules = []rule{
	{"VZEROUPPER comes before RET", func(s *Set, op, line, before string) bool { return op == "RET" && before != "VZEROUPPER" }},
	{"it is an instruction of SSE", func(s *Set, op, line, before string) bool {
		return op[0] != 'V' && op[0] != 'K' && op != "CALL" && op != "SYSCALL" && !strings.HasSuffix(op, "MXCSR") && !integers.MatchString(op)
	}},
	{"memory need not be aligned", func(s *Set, op, line, before string) bool {
		return aligned.MatchString(op) && strings.Contains(line, "(")
	}},
	{"kernels call nothing", func(s *Set, op, line, before string) bool { return op == "CALL" || op == "SYSCALL" }},
	{"the rounding mode is Go's", func(s *Set, op, line, before string) bool { return strings.HasSuffix(op, "MXCSR") }},
	{"lengths have 64 bits", func(s *Set, op, line, before string) bool {
		return short.MatchString(op) && (op[:3] != "MOV" || strings.Contains(line, "(FP)"))
	}},
	{"the frame is too large", func(s *Set, op, line, before string) bool {
		m := frame.FindStringSubmatch(line)
		n := 0
		if m != nil {
			n, _ = strconv.Atoi(m[1])
		}
		return op == "TEXT" && (m == nil || n > maxFrame)
	}},
	{"registers from 16 on have another instruction", func(s *Set, op, line, before string) bool {
		return s.EVEX && (strings.HasSuffix(op, "F128") || op == "VMASKMOVPS" || op == "VBLENDVPS") && beyond.MatchString(line)
	}},
	{"the register is not one of the set", func(s *Set, op, line, before string) bool { return !s.EVEX && beyond.MatchString(line) }},
}
