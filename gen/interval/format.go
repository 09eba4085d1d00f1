package interval

import "math"

// A Format is a storage type: the numbers that data may be.
type Format struct {
	Name   string
	Max    float64 // largest finite number
	Normal float64 // smallest number with all digits
	Tiny   float64 // smallest number above 0
	Digits float64 // spacing of the numbers from 1 to 2

	round func(float64) float64
}

// The storage types.
var (
	Float32 = Format{"float32", math.MaxFloat32, 0x1p-126, math.SmallestNonzeroFloat32, 0x1p-23,
		func(x float64) float64 { return float64(float32(x)) }}
	Float64 = Format{"float64", math.MaxFloat64, 0x1p-1022, math.SmallestNonzeroFloat64, 0x1p-52,
		func(x float64) float64 { return x }}
)

// reachesZero reports whether a value of i may be 0 once it is stored.
func (f Format) reachesZero(i Interval) bool {
	return i.zero() || i.smallest() > 0 && f.round(i.smallest()) == 0
}

// finite takes numbers beyond the largest one not to happen.
func (f Format) finite(i Interval) Interval {
	i.Lo = max(min(i.Lo, f.Max), -f.Max)
	i.Hi = max(min(i.Hi, f.Max), -f.Max)
	return i.tidy()
}

// wide is for steps of an operation that are not stored.
func (f Format) wide() Format {
	f.Max = math.MaxFloat64
	return f
}

// whole are the finite numbers.
func (f Format) whole() Interval { return Interval{Lo: -f.Max, Hi: f.Max} }

// expLimit is where exp overflows; the margin is for bounds that are rounded,
// such as that of log.
func (f Format) expLimit() float64 { return math.Log(f.Max) + 1e-6 }
