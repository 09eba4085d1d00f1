package runtime

import "unsafe"

//go:generate go run ../gen/elementary/write -o elementary_gen.go
//go:generate go run ../asmgen/primitives -o .

// Exp, Log, Tanh and Erf have the same bits on every processor. No float32 is
// more than 1.06 units in the last place off, and no float64 more than 2.

// Exp is e**x: Inf where that is too large, and as good among denormals as
// elsewhere.
func Exp[T Float](x T) T {
	if unsafe.Sizeof(x) == 4 {
		return T(exp32(float32(x)))
	}
	return T(exp64(float64(x)))
}

// Log is the natural logarithm: -Inf of zeros, NaN of negative numbers.
func Log[T Float](x T) T {
	if unsafe.Sizeof(x) == 4 {
		return T(log32(float32(x)))
	}
	return T(log64(float64(x)))
}

// Tanh is the hyperbolic tangent.
func Tanh[T Float](x T) T {
	if unsafe.Sizeof(x) == 4 {
		return T(tanh32(float32(x)))
	}
	return T(tanh64(float64(x)))
}

// Erf is the error function.
func Erf[T Float](x T) T {
	if unsafe.Sizeof(x) == 4 {
		return T(erf32(float32(x)))
	}
	return T(erf64(float64(x)))
}
