// Package interval bounds every value of a function, whatever finite data it
// is given, and finds in the bounds where a spec divides by zero, overflows or
// cancels.
//
// Inputs, cotangents and parameters are any finite numbers of the storage
// type, masks are 0 or 1, states keep what their where says, knobs have their
// defaults, axes have at least one element. A result beyond the largest finite
// number is taken not to happen where finite numbers are multiplied and added:
// every norm squares its input, and would be infinite everywhere. It is
// followed where it comes from a division by zero or from an exponential.
package interval

import (
	"fmt"
	"math"
)

// An Interval holds every value that a computation may give: the numbers from
// Lo to Hi, and NaN if it says so. Infinite ends are possible values.
type Interval struct {
	Lo, Hi  float64
	NaN     bool
	Nonzero bool // 0 lies between the ends but is not a value
}

var everything = Interval{Lo: math.Inf(-1), Hi: math.Inf(1), NaN: true}

func point(x float64) Interval { return Interval{Lo: x, Hi: x} }

func (i Interval) String() string {
	s := fmt.Sprintf("[%.3g, %.3g]", i.Lo, i.Hi)
	if i.Lo == i.Hi {
		s = fmt.Sprintf("%.3g", i.Lo)
	}
	if i.NaN {
		s += " or NaN"
	}
	return s
}

// bounds says in a sentence where the values lie.
func (i Interval) bounds() string {
	if i.isPoint() {
		return "is " + i.String()
	}
	return "lies in " + i.String()
}

// Contains reports whether x is a possible value.
func (i Interval) Contains(x float64) bool {
	if math.IsNaN(x) {
		return i.NaN
	}
	return i.Lo <= x && x <= i.Hi && !(i.Nonzero && x == 0)
}

// infinite reports whether a value may be infinite.
func (i Interval) infinite() bool { return math.IsInf(i.Lo, 0) || math.IsInf(i.Hi, 0) }

// mixed reports whether values may be infinite on both sides.
func (i Interval) mixed() bool { return math.IsInf(i.Lo, -1) && math.IsInf(i.Hi, 1) }

// isPoint reports whether there is one value only.
func (i Interval) isPoint() bool { return i.Lo == i.Hi && !i.NaN }

// zero reports whether 0 is a possible value.
func (i Interval) zero() bool { return i.Contains(0) }

// magnitude is the largest absolute value.
func (i Interval) magnitude() float64 { return max(math.Abs(i.Lo), math.Abs(i.Hi)) }

// smallest is the smallest absolute value.
func (i Interval) smallest() float64 {
	if i.Lo <= 0 && i.Hi >= 0 {
		return 0
	}
	return min(math.Abs(i.Lo), math.Abs(i.Hi))
}

// join is the least interval that holds both.
func (i Interval) join(j Interval) Interval {
	return Interval{min(i.Lo, j.Lo), max(i.Hi, j.Hi), i.NaN || j.NaN, !i.zero() && !j.zero()}.tidy()
}

// meet holds what both hold. If that is nothing, the code it describes is not
// reached, and i will do.
func (i Interval) meet(j Interval) Interval {
	m := Interval{max(i.Lo, j.Lo), min(i.Hi, j.Hi), i.NaN && j.NaN, !i.zero() || !j.zero()}
	if m.Lo > m.Hi {
		return i
	}
	return m.tidy()
}

// tidy keeps Nonzero for intervals whose ends do not show it.
func (i Interval) tidy() Interval {
	i.Nonzero = i.Nonzero && i.Lo <= 0 && i.Hi >= 0
	return i
}

// away is the interval without what Nonzero excludes at its ends: the least
// float64 stands for the least number of any format.
func (i Interval) away() Interval {
	if i.Nonzero && i.Lo == 0 {
		i.Lo = math.SmallestNonzeroFloat64
	}
	if i.Nonzero && i.Hi == 0 {
		i.Hi = -math.SmallestNonzeroFloat64
	}
	return i.tidy()
}

// ulps moves the ends apart by n rounding errors: library functions and means
// are not rounded correctly. A zero end is exact.
func (i Interval) ulps(n float64) Interval {
	const u = 1.0 / (1 << 52)
	if !math.IsInf(i.Lo, 0) {
		i.Lo -= math.Abs(i.Lo) * n * u
	}
	if !math.IsInf(i.Hi, 0) {
		i.Hi += math.Abs(i.Hi) * n * u
	}
	return i
}

// hull is the least interval with the numbers xs; a NaN among them is the
// product of a zero and an infinity, whose neighbours are near zero.
func hull(xs ...float64) Interval {
	i := Interval{Lo: math.Inf(1), Hi: math.Inf(-1)}
	for _, x := range xs {
		if math.IsNaN(x) {
			x = 0
		}
		i.Lo, i.Hi = min(i.Lo, x), max(i.Hi, x)
	}
	return i
}
