package emulate

import (
	"errors"
	"strings"

	"github.com/mmcloughlin/avo/operand"
)

// runs has what each instruction does to integers, masks and addresses.
var runs = func() map[string]func(m *Machine, i *instruction) error {
	out := map[string]func(m *Machine, i *instruction) error{
		"MOVQ": move(8), "MOVL": move(4), "MOVBQZX": move(1), "MOVB": move(1), "KMOVW": move(2), "KMOVB": move(1),
		"ADDQ": integers2(8, true, add),
		"INCQ": func(m *Machine, i *instruction) error { return integer2(m, operand.U8(1), i.Operands[0], 8, true, add) },
		"ANDQ": integers2(8, true, and), "ANDB": integers2(1, true, and),
		"ORQ": integers2(8, true, or), "ORL": integers2(4, true, or),
		"SHLQ": integers2(8, false, left), "SHLL": integers2(4, false, left),
		"SHRQ":   integers2(8, false, func(a, b uint64) uint64 { return a >> b }),
		"SUBQ":   subtract,
		"XORQ":   xor,
		"XORL":   xor,
		"DECQ":   func(m *Machine, i *instruction) error { return subtractFrom(m, operand.U8(1), i.Operands[0]) },
		"IMULQ":  integers2(8, false, times),
		"IMUL3Q": multiply,
		"BZHIQ":  lowBits(8), "BZHIL": lowBits(4),
		"CMPQ":     compareIntegers,
		"TESTQ":    test(8),
		"TESTL":    test(4),
		"TESTB":    test(1),
		"LEAQ":     loadAddress,
		"CMOVQGT":  moveIfGreater,
		"SETEQ":    set("EQ"),
		"SETNE":    set("NE"),
		"VUCOMISS": compareElements, "VPTEST": compareElements, "KORTESTW": compareElements,
		"RET": nothing, "VZEROUPPER": nothing, "PREFETCHT1": nothing,
	}
	for _, j := range strings.Fields("JMP JEQ JZ JNE JLT JLE JGT JGE") {
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
	4:  "VBROADCASTSS VMOVSS VADDSS VMULSS VMAXSS VCVTSS2SD",
	8:  "VBROADCASTSD VMOVSD VADDSD VDIVSD VMOVLPS VCVTSI2SDQ",
	16: "VBROADCASTF32X4 VCVTPD2PSX VEXTRACTF128 VEXTRACTF32X4",
	32: "VCVTPD2PSY VEXTRACTF64X4",
	64: "VCVTPD2PS",
}

// whole are those whose operand is as wide as the widest register.
const whole = `VMOVUPS VMOVUPD VMOVDQU VMOVAPS VMOVNTPS VMASKMOVPS VMASKMOVPD
	VADDPS VSUBPS VMULPS VDIVPS VSQRTPS VMAXPS VMINPS VADDPD VSUBPD VMULPD VDIVPD VSQRTPD VMAXPD VMINPD
	VFMADD231PS VFMADD213PS VFMSUB213PS VFMSUB231PS VFNMADD231PS VFNMADD213PS VROUNDPS VRNDSCALEPS
	VBLENDVPS VBLENDMPS VCMPPS VCMPPD VPANDD VPAND VPORD VPOR VPXORD VPXOR VORPS VXORPS VPSLLD VPSRLD VPADDD VPSUBD VPCMPEQD
	VSHUFF64X2 VSHUFPS VPERMILPS VPERMPS VPERM2F128 VUNPCKLPS VMOVSHDUP VMOVHLPS VMOVMSKPD KANDW KORW KNOTW`

func nothing(*Machine, *instruction) error { return nil }

func move(bytes int) func(m *Machine, i *instruction) error {
	return func(m *Machine, i *instruction) error {
		w, err := m.read(i.Operands[0], bytes)
		if err != nil {
			return err
		}
		w.value &= low(bytes)
		return m.write(i.Operands[1], w, bytes)
	}
}

// both are the values of two operands.
func (m *Machine) both(a, b operand.Op, bytes int) (x, y Word, err error) {
	x, err = m.read(a, bytes)
	if err == nil {
		y, err = m.read(b, bytes)
	}
	return x, y, err
}

// result is f of integers, and unknown if one is.
func result(a, b Word, f func(a, b uint64) uint64) Word {
	if a.kind != integer || b.kind != integer {
		return Element
	}
	return Integer(f(a.value, b.value))
}

func add(a, b uint64) uint64   { return a + b }
func times(a, b uint64) uint64 { return a * b }
func and(a, b uint64) uint64   { return a & b }
func or(a, b uint64) uint64    { return a | b }
func left(a, b uint64) uint64  { return a << b }

// integers2 sets the second operand, of so many bytes, to f of it and the first, and, if
// they are of use, the flags.
func integers2(bytes int, flags bool, f func(a, b uint64) uint64) func(m *Machine, i *instruction) error {
	return func(m *Machine, i *instruction) error {
		return integer2(m, i.Operands[0], i.Operands[1], bytes, flags, f)
	}
}

func integer2(m *Machine, what, to operand.Op, bytes int, flags bool, f func(a, b uint64) uint64) error {
	b, a, err := m.both(what, to, bytes)
	if err != nil {
		return err
	}
	w := result(a, b, f)
	w.value &= low(bytes)
	if m.compare(w, Integer(0)); !flags {
		m.equal, m.less = Word{}, Word{}
	}
	return m.write(to, w, bytes)
}

// low has ones in the lowest bytes.
func low(bytes int) uint64 { return ^uint64(0) >> (64 - 8*bytes) }

func subtract(m *Machine, i *instruction) error {
	return subtractFrom(m, i.Operands[0], i.Operands[1])
}

func subtractFrom(m *Machine, what, from operand.Op) error {
	b, a, err := m.both(what, from, 8)
	if err != nil {
		return err
	}
	m.compare(a, b)
	return m.write(from, result(a, b, func(a, b uint64) uint64 { return a - b }), 8)
}

// xor may clear a register that is nothing yet.
func xor(m *Machine, i *instruction) error {
	if i.Operands[0] != i.Operands[1] {
		return errors.New("the emulator knows only what is cleared")
	}
	m.compare(Integer(0), Integer(0))
	return m.write(i.Operands[1], Integer(0), 8)
}

func multiply(m *Machine, i *instruction) error {
	b, a, err := m.both(i.Operands[0], i.Operands[1], 8)
	if err != nil {
		return err
	}
	m.equal, m.less = Word{}, Word{}
	return m.write(i.Operands[2], result(a, b, times), 8)
}

// lowBits leaves so many, of which the lowest byte of the index counts.
func lowBits(bytes int) func(m *Machine, i *instruction) error {
	return func(m *Machine, i *instruction) error {
		n, a, err := m.both(i.Operands[0], i.Operands[1], bytes)
		if err != nil {
			return err
		}
		m.equal, m.less = Word{}, Word{}
		return m.write(i.Operands[2], result(a, n, func(a, n uint64) uint64 {
			if n &= 0xff; n < 64 {
				a &= 1<<n - 1
			}
			return a
		}), bytes)
	}
}

func compareIntegers(m *Machine, i *instruction) error {
	a, b, err := m.both(i.Operands[0], i.Operands[1], 8)
	m.compare(a, b)
	return err
}

func test(bytes int) func(m *Machine, i *instruction) error {
	return func(m *Machine, i *instruction) error {
		a, b, err := m.both(i.Operands[0], i.Operands[1], bytes)
		m.compare(result(a, b, and), Integer(0))
		return err
	}
}

func loadAddress(m *Machine, i *instruction) error {
	a, err := m.address(i.Operands[0].(operand.Mem))
	if err != nil {
		return err
	}
	return m.write(i.Operands[1], Integer(a), 8)
}

func moveIfGreater(m *Machine, i *instruction) error {
	yes, err := m.condition("GT")
	if err != nil || !yes {
		return err
	}
	return move(8)(m, i)
}

// set writes whether a condition holds.
func set(condition string) func(m *Machine, i *instruction) error {
	return func(m *Machine, i *instruction) error {
		yes, err := m.condition(condition)
		if err != nil {
			return err
		}
		return m.write(i.Operands[0], Flag(yes), 1)
	}
}

// compareElements sets the flags to what is not known of registers.
func compareElements(m *Machine, i *instruction) error {
	for _, o := range i.Operands {
		if _, ok := o.(operand.Mem); ok {
			return errors.New("the emulator compares registers")
		}
	}
	m.compare(Element, Element)
	return nil
}
