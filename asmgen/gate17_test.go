package asmgen

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/testdata/gates"
)

// TestGate17Text holds the committed assembly to the rules. Where stores go and what
// instructions need is held when it is written, and the committed files are what is
// written.
func TestGate17Text(t *testing.T) {
	g := gates.Open(t, 17, "lint: assembly")
	functions, lines, held := 0, 0, 0
	for _, s := range Sets {
		files, err := filepath.Glob("../generated/*/*_" + s.Name + "_amd64.s")
		if err != nil {
			t.Fatal(err)
		}
		held += len(files)
		for _, f := range files {
			asm := readFile(t, f)
			functions += strings.Count(asm, "\nTEXT ")
			lines += strings.Count(asm, "\n\t")
			for _, e := range s.Lint([]byte(asm)) {
				t.Errorf("%s: %v", f, e)
			}
		}
	}
	if all, err := filepath.Glob("../generated/*/*_amd64.s"); err != nil || held != len(all) || held < 20 {
		t.Errorf("%d of %d files are of a set, %v", held, len(all), err)
	}
	for _, f := range strings.SplitAfter(readFile(t, "../runtime/primitives_amd64.s"), "\tRET\n") {
		functions++
		name, _, _ := strings.Cut(f, "(SB)")
		s := setOf(name)
		if s == nil {
			continue // pause and fence, of no vectors
		}
		for _, e := range s.lint([]byte(f), true) { // sums are products with 1, which round nothing
			t.Errorf("primitives: %v in\n%.80s", e, strings.TrimSpace(f))
		}
	}
	g.Figure("%d functions, %d instructions, %d rules, 0 findings", functions, lines, len(rules)+1+len(storeRules))
}

// setOf is the set that the name of a function ends in; nil if there is none.
func setOf(function string) *Set {
	for _, s := range Sets {
		if strings.HasSuffix(function, s.Suffix) {
			return s
		}
	}
	return nil
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Each rule has an instruction that breaks it, and breaks no other.
func TestLint(t *testing.T) {
	const good = "TEXT ·f(SB), NOSPLIT, $8-8\n\tVADDPS Y0, Y1, Y1\n\tMOVL $0x3, AX\n\tVZEROUPPER\n\tRET\n"
	if errs := Sets[0].Lint([]byte(good)); len(errs) != 0 {
		t.Errorf("a good function: %v", errs)
	}
	broken := map[string]bool{}
	const add = "VADDPS Y0, Y1, Y1"
	for _, bad := range []struct{ old, new, says string }{
		{"\tVZEROUPPER\n", "", "VZEROUPPER comes before RET"},
		{add, "MOVUPS (AX), X1", "it is an instruction of SSE"},
		{add, "ADDSS X0, X1", "it is an instruction of SSE"},
		{add, "VMOVAPS (AX), Y1", "memory need not be aligned"},
		{add, "VMOVDQA (AX), Y1", "memory need not be aligned"},
		{add, "CALL ·g(SB)", "kernels call nothing"},
		{add, "LDMXCSR (AX)", "the rounding mode is Go's"},
		{add, "VLDMXCSR (AX)", "the rounding mode is Go's"},
		{add, "MOVL n+0(FP), AX", "lengths have 64 bits"},
		{add, "SUBL AX, CX", "lengths have 64 bits"},
		{"$8-8", "$264-8", "the frame is too large"},
		{add, "VFMADD231PS Y0, Y1, Y1", "products are rounded"},
		{add, "VADDPS Z0, Z1, Z1", "the register is not one of the set"},
		{add, "KMOVW AX, K1", "the register is not one of the set"},
		{add, "VADDPS Y0, Y1, Y16", "the register is not one of the set"},
	} {
		errs := Sets[0].Lint([]byte(strings.Replace(good, bad.old, bad.new, 1)))
		if len(errs) != 1 || !strings.HasSuffix(errs[0].Error(), bad.says) {
			t.Errorf("%q for %q: %v, want one error: %s", bad.new, bad.old, errs, bad.says)
		}
		broken[bad.says] = true
	}
	const high = "registers from 16 on have another instruction" // of sets that have them
	errs := half.Lint([]byte(strings.Replace(good, add, "VEXTRACTF128 $1, Y16, X10", 1)))
	if broken[high] = len(errs) == 1 && strings.HasSuffix(errs[0].Error(), high); !broken[high] {
		t.Errorf("VEXTRACTF128 of Y16: %v", errs)
	}
	for _, r := range append([]rule{rounded}, rules...) {
		if !broken[r.text] {
			t.Errorf("no instruction here breaks the rule: %s", r.text)
		}
	}
}

// A product with 1 rounds nothing: additions may be done by it, as long as the
// register holds ones.
func TestLintOnes(t *testing.T) {
	const ones, add = "\tVBROADCASTSS single_3f800000<>+0(SB), Y2\n", "\tVFMADD231PS Y2, Y0, Y1\n"
	for body, want := range map[string]int{
		ones + add:                           0,
		add:                                  1,
		ones + "\tVMOVUPS (AX), X2\n" + add:  1, // a part of Y2
		ones + "\tVADDPS Y2, Y2, Y3\n" + add: 0,
		ones + "\tVFMADD231PS Y0, Y2, Y1\n":  1,
		ones + "TEXT ·g(SB), NOSPLIT, $0-0\n" + add:  1,
		strings.Replace(ones, "3f8", "400", 1) + add: 1,
	} {
		if errs := Sets[0].Lint([]byte("TEXT ·f(SB), NOSPLIT, $0-8\n" + body + "\tVZEROUPPER\n\tRET\n")); len(errs) != want {
			t.Errorf("%d errors, want %d: %v\n%s", len(errs), want, errs, body)
		}
	}
}

// storeRules are functions that break the rules of inspect and of the registers, or none.
var storeRules = []struct {
	write func(c *build.Context)
	says  string
}{
	{func(c *build.Context) { c.VMOVUPS(zero(c), through(c, "y")) }, ""},
	{func(c *build.Context) { c.VMOVSD(zero(c).AsX(), c.AllocLocal(8)) }, ""},
	{func(c *build.Context) { c.VMOVUPS(zero(c), through(c, "x")) }, "which is no output"},
	{func(c *build.Context) {
		m := through(c, "y")
		n := c.GP64()
		c.Load(c.Param("x"), n)
		c.MOVQ(n, m.Base)
		c.VMOVUPS(zero(c), m)
	}, "which is no output"},
	{func(c *build.Context) {
		n, err := c.Param("n").Resolve()
		if err != nil {
			panic(err)
		}
		c.MOVQ(through(c, "y").Base, n.Addr)
	}, "stores to the argument n"},
	{func(c *build.Context) { c.VMOVSD(zero(c).AsX(), operand.NewStackAddr(8)) }, "outside the frame"},
	{func(c *build.Context) { z := zero(c).AsZ(); c.VPERMB(z, z, c.ZMM()) }, "needs AVX512VBMI, which the dispatch does not ask for"},
	{func(c *build.Context) { c.VMOVUPS(c.YMM(), through(c, "y")) }, "read before it is written"},
	{func(c *build.Context) { // a part of it is not
		z := c.ZMM()
		c.VPXOR(z.AsX(), z.AsX(), z.AsX())
		c.VMOVUPS(z, through(c, "y"))
	}, "read before it is written"},
}

// zero is a register that is written.
func zero(c *build.Context) reg.VecVirtual {
	z := c.ZMM()
	c.VBROADCASTSS(through(c, "x"), z)
	return z.AsY().(reg.VecVirtual)
}

// through is memory at a parameter.
func through(c *build.Context, param string) operand.Mem {
	p := c.GP64()
	c.Load(c.Param(param), p)
	return operand.Mem{Base: p}
}

// TestInspect holds what a function may store to, and need, to those.
func TestInspect(t *testing.T) {
	l := &plan.Loop{Params: []plan.Param{{Kind: plan.StoreParam, Name: "y"}, {Kind: plan.VectorParam, Name: "x"}}}
	for i, r := range storeRules {
		c := build.NewContext()
		c.Function("f")
		c.SignatureExpr("func(n int, y *float32, x *float32)")
		r.write(c)
		c.VZEROUPPER()
		c.RET()
		f, err := c.Result()
		if err != nil {
			t.Fatal(err)
		}
		if err = Sets[len(Sets)-1].passes().Execute(f); err == nil {
			err = Sets[len(Sets)-1].inspect(f.Functions()[0], (&written{loop: l}).writes())
		}
		if r.says == "" && err != nil || r.says != "" && (err == nil || !strings.Contains(err.Error(), r.says)) {
			t.Errorf("function %d: %v, want %q", i, err, r.says)
		}
	}
}

var (
	symbol  = regexp.MustCompile(`^[0-9a-f]+ <(.*(?:Loop|Rows).*?)(?:\.abi0)?>:$`)
	machine = regexp.MustCompile(`^\s*[0-9a-f]+:\t(\S+)\s*(.*)$`)
	wide    = regexp.MustCompile(`%(zmm|k[0-7]|[xy]mm(1[6-9]|2[0-9]|3[01]))`)
)

// TestGate17Machine holds what the assembler makes of it, as another disassembler
// reads it, to the rules that machine code shows.
func TestGate17Machine(t *testing.T) {
	if _, err := exec.LookPath("objdump"); err != nil {
		if gates.Release() {
			t.Fatal("a release needs objdump of binutils")
		}
		// Nothing that Go has reads AVX-512. Of the same functions the text is held above.
		t.Skip("there is no objdump of binutils")
	}
	g := gates.Open(t, 17, "lint: machine code")
	bin := filepath.Join(t.TempDir(), "bench")
	cmd := exec.Command("go", "build", "-o", bin, "../cmd/normbench")
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	dump := exec.Command("objdump", "-d", "--no-show-raw-insn", bin)
	pipe, err := dump.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := dump.Start(); err != nil {
		t.Fatal(err)
	}
	functions, instructions := 0, 0
	var in *Set
	before := ""
	for lines := bufio.NewScanner(pipe); lines.Scan(); {
		line := lines.Text()
		if strings.HasSuffix(line, ">:") {
			in, before = nil, ""
			if m := symbol.FindStringSubmatch(line); m != nil {
				if in = setOf(m[1]); in != nil {
					functions++
				}
			}
		}
		m := machine.FindStringSubmatch(line)
		if in == nil || m == nil || m[1] == "int3" || m[1] == "nop" || m[1] == "xchg" || m[1] == "data16" || m[1] == "cs" {
			continue
		}
		instructions++
		if says := broken(in, m[1], m[2], before); says != "" {
			t.Errorf("%s: %s", says, line)
		}
		before = m[1]
	}
	if err := dump.Wait(); err != nil {
		t.Fatal(err)
	}
	if functions < 300 {
		t.Errorf("only %d functions were found", functions)
	}
	g.Figure("%d functions, %d instructions, 0 findings", functions, instructions)
}

// broken is the rule that a machine instruction breaks.
func broken(set *Set, op, operands, before string) string {
	vector := op[0] == 'v' || op[0] == 'k'
	switch {
	case op == "(bad)":
		return "no instruction"
	case strings.HasPrefix(op, "call"):
		return "kernels call nothing"
	case strings.HasSuffix(op, "mxcsr"):
		return "the rounding mode is Go's"
	case strings.HasPrefix(op, "ret") && before != "vzeroupper" && before != "add" && before != "pop":
		return "vzeroupper comes before ret"
	case !vector && strings.Contains(operands, "mm"):
		return "it is an instruction of SSE"
	case !set.EVEX && wide.MatchString(operands):
		return "the register is not one of the set"
	case (strings.HasPrefix(op, "vmovap") || strings.HasPrefix(op, "vmovdqa")) && strings.Contains(operands, "("):
		return "memory need not be aligned"
	}
	return ""
}
