// The command write writes the assembly of package limit into the working
// directory.
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
	"github.com/mmcloughlin/avo/reg"
)

// chunk is the number of bytes of each array in one turn of a loop.
const chunk = 256

// An isa is a width of vectors.
type isa struct {
	name  string
	bytes int
	reg   func(*build.Context) reg.VecVirtual
}

var isas = []isa{
	{name: "AVX2", bytes: 32, reg: (*build.Context).YMM},
	{name: "AVX512", bytes: 64, reg: (*build.Context).ZMM},
}

// A flow is a number of arrays read and of arrays written.
type flow struct{ reads, writes int }

var flows = []flow{{1, 1}, {2, 1}, {2, 2}, {3, 1}}

func main() {
	c := build.NewContext()
	c.ConstraintExpr("!purego")
	for _, i := range isas {
		for _, f := range flows {
			move(c, i, f, false)
			move(c, i, f, true)
		}
	}
	moveBytes(c)
	file, err := c.Result()
	if err != nil {
		log.Fatal(err)
	}
	if err := pass.Compile.Execute(file); err != nil {
		log.Fatal(err)
	}
	cfg := printer.Config{Name: "limit/write", Pkg: "limit"}
	write("limit_amd64.s", printer.NewGoAsm(cfg), file)
	write("limit_amd64.go", printer.NewStubs(cfg), file)
}

func write(name string, p printer.Printer, f *ir.File) {
	text, err := p.Print(f)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(name, text, 0o644); err != nil {
		log.Fatal(err)
	}
}

const signature = "func(n int, out0, out1, in0, in1, in2 *float32)"

// move writes the loop for a flow: every turn adds up a chunk of the arrays read
// and stores it to each array written.
func move(c *build.Context, i isa, f flow, streaming bool) {
	name, doc := fmt.Sprintf("move%dto%d%s", f.reads, f.writes, i.name), "stores"
	if streaming {
		name, doc = name+"Streaming", "streaming stores"
	}
	c.Function(name)
	c.Attributes(build.NOSPLIT)
	c.Pragma("noescape")
	c.Doc(fmt.Sprintf("%s moves n floats, a multiple of 64, with %s.", name, doc))
	c.SignatureExpr(signature)
	in, out := pointers(c, "in", f.reads), pointers(c, "out", f.writes)
	n := c.Load(c.Param("n"), c.GP64())
	c.SHLQ(operand.Imm(2), n)
	at := c.GP64()
	c.XORQ(at, at)

	c.Label("turn")
	for offset := 0; offset < chunk; offset += i.bytes {
		v := i.reg(c)
		c.VMOVUPS(element(in[0], at, offset), v)
		for _, p := range in[1:] {
			c.VADDPS(element(p, at, offset), v, v)
		}
		for _, p := range out {
			if streaming {
				c.VMOVNTPS(v, element(p, at, offset))
			} else {
				c.VMOVUPS(v, element(p, at, offset))
			}
		}
	}
	c.ADDQ(operand.U32(chunk), at)
	c.CMPQ(at, n)
	c.JLT(operand.LabelRef("turn"))

	if streaming {
		c.SFENCE()
	}
	c.VZEROUPPER()
	c.RET()
}

func pointers(c *build.Context, name string, n int) []reg.Register {
	var out []reg.Register
	for i := range n {
		out = append(out, c.Load(c.Param(fmt.Sprint(name, i)), c.GP64()))
	}
	return out
}

func element(base, index reg.Register, offset int) operand.Mem {
	return operand.Mem{Base: base, Index: index, Scale: 1, Disp: offset}
}

// moveBytes writes the copy by one string instruction. avo has none, so the
// instruction is put together here: the two lines assemble to rep movsb.
func moveBytes(c *build.Context) {
	c.Function("moveBytes")
	c.Attributes(build.NOSPLIT)
	c.Pragma("noescape")
	c.Doc("moveBytes copies n floats with rep movsb.")
	c.SignatureExpr(signature)
	c.Load(c.Param("out0"), reg.RDI)
	c.Load(c.Param("in0"), reg.RSI)
	c.Load(c.Param("n"), reg.RCX)
	c.SHLQ(operand.Imm(2), reg.RCX)
	uses := []operand.Op{reg.RDI, reg.RSI, reg.RCX}
	c.Instruction(&ir.Instruction{Opcode: "REP", Inputs: uses})
	c.Instruction(&ir.Instruction{Opcode: "MOVSB", Inputs: uses, Outputs: uses})
	c.RET()
}
