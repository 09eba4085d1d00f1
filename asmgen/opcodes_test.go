package asmgen

import (
	"errors"
	"strings"

	"github.com/mmcloughlin/avo/operand"
)

// runs has what each instruction does to integers, masks and addresses.
var runs = func() map[string]func(m *emulator, i *instruction) error {
	out := map[string]func(m *emulator, i *instruction) error{
		"MOVQ": move(8), "MOVBQZX": move(1), "MOVB": move(1), "KMOVW": move(2),
		"ADDQ":    integers2(true, func(a, b uint64) uint64 { return a + b }),
		"ANDQ":    integers2(true, func(a, b uint64) uint64 { return a & b }),
		"ORQ":     integers2(true, func(a, b uint64) uint64 { return a | b }),
		"SHLQ":    integers2(false, func(a, b uint64) uint64 { return a << b }),
		"SHRQ":    integers2(false, func(a, b uint64) uint64 { return a >> b }),
		"SUBQ":    subtract,
		"XORQ":    xor,
		"DECQ":    func(m *emulator, i *instruction) error { return subtractFrom(m, operand.U8(1), i.Operands[0]) },
		"IMUL3Q":  multiply,
		"BZHIQ":   lowBits,
		"CMPQ":    compareIntegers,
		"TESTQ":   test(8),
		"TESTL":   test(4),
		"TESTB":   test(1),
		"LEAQ":    loadAddress,
		"CMOVQGT": moveIfGreater,
		"RET":     nothing, "VZEROUPPER": nothing,
	}
	for _, j := range strings.Fields("JMP JEQ JNE JLT JLE JGT JGE") {
		out[j] = nothing // a branch: step asks for its condition
	}
	return out
}()

// touched says how many bytes instructions on elements touch if they have an operand in
// memory.
var touched = func() map[string]func(i *instruction) int {
	out := map[string]func(i *instruction) int{"VCVTPS2PD": func(i *instruction) int { return width(i) / 2 }}
	for bytes, opcodes := range operands {
		for _, op := range strings.Fields(opcodes) {
			out[op] = func(i *instruction) int { return bytes }
		}
	}
	for _, op := range strings.Fields(whole) {
		out[op] = width
	}
	out["VMOVDDUP"] = func(i *instruction) int {
		if width(i) == 16 {
			return 8
		}
		return width(i)
	}
	return out
}()

// operands are the instructions on elements whose operand in memory has so many bytes.
var operands = map[int]string{
	4:  "VBROADCASTSS VMOVSS VADDSS VCVTSS2SD",
	8:  "VBROADCASTSD VMOVSD VADDSD VDIVSD VMOVLPS VCVTSI2SDQ",
	16: "VBROADCASTF32X4 VCVTPD2PSX VEXTRACTF128 VEXTRACTF32X4",
	32: "VCVTPD2PSY VEXTRACTF64X4",
	64: "VCVTPD2PS",
}

// whole are those whose operand is as wide as the widest register.
const whole = `VMOVUPS VMOVUPD VMOVNTPS VMASKMOVPS VMASKMOVPD
	VADDPS VSUBPS VMULPS VDIVPS VSQRTPS VMAXPS VMINPS VADDPD VSUBPD VMULPD VDIVPD VSQRTPD VMAXPD VMINPD
	VFMADD231PS VFMADD213PS VFMSUB213PS VFMSUB231PS VFNMADD231PS VFNMADD213PS VROUNDPS VRNDSCALEPS
	VBLENDVPS VBLENDMPS VCMPPS VCMPPD VPANDD VPAND VPORD VPOR VPXORD VPXOR VPSLLD VPSRLD VPADDD VPSUBD VPCMPEQD
	VSHUFF64X2 VSHUFPS VPERMILPS VPERMPS VPERM2F128 VUNPCKLPS VMOVSHDUP VMOVHLPS VMOVMSKPD KANDW KORW KNOTW`

func nothing(*emulator, *instruction) error { return nil }

func move(bytes int) func(m *emulator, i *instruction) error {
	return func(m *emulator, i *instruction) error {
		w, err := m.read(i.Operands[0], bytes)
		if err != nil {
			return err
		}
		return m.write(i.Operands[1], w, bytes)
	}
}

// both are the values of two operands.
func (m *emulator) both(a, b operand.Op, bytes int) (x, y word, err error) {
	x, err = m.read(a, bytes)
	if err == nil {
		y, err = m.read(b, bytes)
	}
	return x, y, err
}

// result is f of integers, and unknown if one is.
func result(a, b word, f func(a, b uint64) uint64) word {
	if a.kind != integer || b.kind != integer {
		return word{kind: element}
	}
	return known(f(a.value, b.value))
}

// integers2 sets the second operand to f of it and the first, and, if they are of use,
// the flags.
func integers2(flags bool, f func(a, b uint64) uint64) func(m *emulator, i *instruction) error {
	return func(m *emulator, i *instruction) error {
		b, a, err := m.both(i.Operands[0], i.Operands[1], 8)
		if err != nil {
			return err
		}
		w := result(a, b, f)
		if m.compare(w, known(0)); !flags {
			m.equal, m.less = word{}, word{}
		}
		return m.write(i.Operands[1], w, 8)
	}
}

func subtract(m *emulator, i *instruction) error {
	return subtractFrom(m, i.Operands[0], i.Operands[1])
}

func subtractFrom(m *emulator, what, from operand.Op) error {
	b, a, err := m.both(what, from, 8)
	if err != nil {
		return err
	}
	m.compare(a, b)
	return m.write(from, result(a, b, func(a, b uint64) uint64 { return a - b }), 8)
}

// xor may clear a register that is nothing yet.
func xor(m *emulator, i *instruction) error {
	if i.Operands[0] != i.Operands[1] {
		return errors.New("the emulator knows only what is cleared")
	}
	m.compare(known(0), known(0))
	return m.write(i.Operands[1], known(0), 8)
}

func multiply(m *emulator, i *instruction) error {
	b, a, err := m.both(i.Operands[0], i.Operands[1], 8)
	if err != nil {
		return err
	}
	m.equal, m.less = word{}, word{}
	return m.write(i.Operands[2], result(a, b, func(a, b uint64) uint64 { return a * b }), 8)
}

// lowBits leaves so many, of which the lowest byte of the index counts.
func lowBits(m *emulator, i *instruction) error {
	n, a, err := m.both(i.Operands[0], i.Operands[1], 8)
	if err != nil {
		return err
	}
	m.equal, m.less = word{}, word{}
	return m.write(i.Operands[2], result(a, n, func(a, n uint64) uint64 {
		if n &= 0xff; n < 64 {
			a &= 1<<n - 1
		}
		return a
	}), 8)
}

func compareIntegers(m *emulator, i *instruction) error {
	a, b, err := m.both(i.Operands[0], i.Operands[1], 8)
	m.compare(a, b)
	return err
}

func test(bytes int) func(m *emulator, i *instruction) error {
	return func(m *emulator, i *instruction) error {
		a, b, err := m.both(i.Operands[0], i.Operands[1], bytes)
		m.compare(result(a, b, func(a, b uint64) uint64 { return a & b }), known(0))
		return err
	}
}

func loadAddress(m *emulator, i *instruction) error {
	a, err := m.address(i.Operands[0].(operand.Mem))
	if err != nil {
		return err
	}
	return m.write(i.Operands[1], known(a), 8)
}

func moveIfGreater(m *emulator, i *instruction) error {
	yes, err := m.condition("GT")
	if err != nil || !yes {
		return err
	}
	return move(8)(m, i)
}
