package runtime

import "unsafe"

//go:generate go run ../gen/elementary/write -o elementary_gen.go
//go:generate go run ../asmgen/primitives -o .

// Exp is e**x: within a unit in the last place for every float32. It is 0 or
// Inf where a result has no number, and exact in denormals as elsewhere.
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
