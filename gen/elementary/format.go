package elementary

import "math"

// A Format is a binary format of IEEE 754 and what the programs need to know of
// it. A number is sign, exponent, fraction; the exponent of 1 is half of all
// exponents, rounded down.
type Format struct {
	Width    uint // of a register in bits
	Fraction uint // bits of the fraction
	coefficients
}

// The storage types.
var (
	Float32 = &Format{Width: 32, Fraction: 23, coefficients: coefficients32}
	Float64 = &Format{Width: 64, Fraction: 52, coefficients: coefficients64}
)

// Pattern returns the bits of x, rounded to the format.
func (f *Format) Pattern(x float64) uint64 {
	if f.Width == 32 {
		return uint64(math.Float32bits(float32(x)))
	}
	return math.Float64bits(x)
}

// Number returns the number that a pattern stands for.
func (f *Format) Number(pattern uint64) float64 {
	if f.Width == 32 {
		return float64(math.Float32frombits(uint32(pattern)))
	}
	return math.Float64frombits(pattern)
}

func (f *Format) exponentBits() uint { return f.Width - 1 - f.Fraction }

// bias is the exponent field of 1.
func (f *Format) bias() int { return 1<<(f.exponentBits()-1) - 1 }

func (f *Format) sign() uint64 { return 1 << (f.Width - 1) }

func (f *Format) fractionMask() uint64 { return 1<<f.Fraction - 1 }

// smallest is the least positive number, a denormal one.
func (f *Format) smallest() float64 { return f.Number(1) }

// smallestNormal is the least number with all bits of its fraction.
func (f *Format) smallestNormal() float64 { return f.Number(1 << f.Fraction) }

// ones is the number 2^Fraction, above which there are integers only: in the
// range up to its double, the fraction is an integer.
func (f *Format) ones() float64 { return math.Ldexp(1, int(f.Fraction)) }
