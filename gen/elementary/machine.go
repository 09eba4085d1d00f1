package elementary

import "math"

// An arithmetic is an operation on patterns, for each Op with operands. Go
// rounds what a function returns, so nothing is fused.
type arithmetic [numOps]func(a, b uint64) uint64

var (
	eval32 = arithmetic{
		Add:   func(a, b uint64) uint64 { return from32(to32(a) + to32(b)) },
		Sub:   func(a, b uint64) uint64 { return from32(to32(a) - to32(b)) },
		Mul:   func(a, b uint64) uint64 { return from32(to32(a) * to32(b)) },
		Div:   func(a, b uint64) uint64 { return from32(to32(a) / to32(b)) },
		Less:  func(a, b uint64) uint64 { return mask(to32(a) < to32(b)) },
		And:   func(a, b uint64) uint64 { return a & b },
		Or:    func(a, b uint64) uint64 { return a | b },
		Plus:  func(a, b uint64) uint64 { return uint64(uint32(a + b)) },
		Minus: func(a, b uint64) uint64 { return uint64(uint32(a - b)) },
		Shl:   func(a, n uint64) uint64 { return uint64(uint32(a << n)) },
		Shr:   func(a, n uint64) uint64 { return a >> n },
	}
	eval64 = arithmetic{
		Add:   func(a, b uint64) uint64 { return from64(to64(a) + to64(b)) },
		Sub:   func(a, b uint64) uint64 { return from64(to64(a) - to64(b)) },
		Mul:   func(a, b uint64) uint64 { return from64(to64(a) * to64(b)) },
		Div:   func(a, b uint64) uint64 { return from64(to64(a) / to64(b)) },
		Less:  func(a, b uint64) uint64 { return mask(to64(a) < to64(b)) },
		And:   func(a, b uint64) uint64 { return a & b },
		Or:    func(a, b uint64) uint64 { return a | b },
		Plus:  func(a, b uint64) uint64 { return a + b },
		Minus: func(a, b uint64) uint64 { return a - b },
		Shl:   func(a, n uint64) uint64 { return a << n },
		Shr:   func(a, n uint64) uint64 { return a >> n },
	}
)

func to32(p uint64) float32   { return math.Float32frombits(uint32(p)) }
func from32(x float32) uint64 { return uint64(math.Float32bits(x)) }
func to64(p uint64) float64   { return math.Float64frombits(p) }
func from64(x float64) uint64 { return math.Float64bits(x) }

func mask(b bool) uint64 {
	if b {
		return math.MaxUint64
	}
	return 0
}

// maxValues is more than the longest program has.
const maxValues = 200

// run executes p on the pattern x: one register for each value.
func (p *Program) run(a *arithmetic, x uint64) uint64 {
	var reg [maxValues]uint64
	for i, v := range p.Values {
		switch v.Op {
		case Input:
			reg[i] = x
		case Const:
			reg[i] = v.Pattern
		case Shl, Shr:
			reg[i] = a[v.Op](reg[v.Args[0].ID], uint64(v.Shift))
		case Select:
			m := reg[v.Args[0].ID]
			reg[i] = m&reg[v.Args[1].ID] | ^m&reg[v.Args[2].ID]
		default:
			reg[i] = a[v.Op](reg[v.Args[0].ID], reg[v.Args[1].ID])
		}
	}
	return reg[p.Out.ID]
}
