package runtime

import "math"

// Sqrt is the correctly rounded square root in either type.
func Sqrt[T Float](x T) T { return T(math.Sqrt(float64(x))) }

// Rsqrt is 1/Sqrt(x), each step correctly rounded.
func Rsqrt[T Float](x T) T { return 1 / T(math.Sqrt(float64(x))) }

// Abs clears the sign.
func Abs[T Float](x T) T { return T(math.Abs(float64(x))) }

// Floor rounds down.
func Floor[T Float](x T) T { return T(math.Floor(float64(x))) }

// Larger is a > b ? a : b, whatever a and b are.
func Larger[T Float](a, b T) T {
	if a > b {
		return a
	}
	return b
}

// Smaller is a < b ? a : b.
func Smaller[T Float](a, b T) T {
	if a < b {
		return a
	}
	return b
}

// Select is c ? a : b.
func Select[T Float](c bool, a, b T) T {
	if c {
		return a
	}
	return b
}

// Mod is x - y*floor(x/y), computed in float64.
func Mod[T Float](x, y T) T {
	a, b := float64(x), float64(y)
	return T(a - float64(b*math.Floor(a/b)))
}
