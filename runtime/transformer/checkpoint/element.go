package checkpoint

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/nlpodyssey/safetensors"
	"github.com/normgen/normgen/runtime"
)

// dtypeOf is the type of the elements that a tensor over T is saved with.
func dtypeOf[T runtime.Float]() safetensors.DType {
	var zero T
	if _, ok := any(zero).(float64); ok {
		return safetensors.F64
	}
	return safetensors.F32
}

// encode appends the bytes of values.
func encode[T runtime.Float](dst []byte, values []T) []byte {
	switch v := any(values).(type) {
	case []float32:
		for _, x := range v {
			dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(x))
		}
	case []float64:
		for _, x := range v {
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(x))
		}
	}
	return dst
}

// A decoder fills values from the bytes of as many elements.
type decoder[T runtime.Float] func(values []T, from []byte)

// decoderOf reads elements of a type; those of a type with more digits are rounded
// to T. Bits that T can hold are kept, those of NaNs too.
func decoderOf[T runtime.Float](t safetensors.DType) (decoder[T], error) {
	switch t {
	case safetensors.F32:
		return single[T], nil
	case safetensors.F64:
		return double[T], nil
	case safetensors.F16:
		return short[T](half), nil
	case safetensors.BF16:
		return short[T](func(b uint16) float32 { return math.Float32frombits(uint32(b) << 16) }), nil
	}
	return nil, fmt.Errorf("it has elements of %s: those of parameters and states are F64, F32, F16 or BF16", t)
}

func single[T runtime.Float](values []T, from []byte) {
	if v, ok := any(values).([]float32); ok { // a conversion could change a NaN
		for i := range v {
			v[i] = math.Float32frombits(binary.LittleEndian.Uint32(from[4*i:]))
		}
		return
	}
	for i := range values {
		values[i] = T(math.Float32frombits(binary.LittleEndian.Uint32(from[4*i:])))
	}
}

func double[T runtime.Float](values []T, from []byte) {
	for i := range values {
		values[i] = T(math.Float64frombits(binary.LittleEndian.Uint64(from[8*i:])))
	}
}

func short[T runtime.Float](widen func(uint16) float32) decoder[T] {
	return func(values []T, from []byte) {
		for i := range values {
			values[i] = T(widen(binary.LittleEndian.Uint16(from[2*i:])))
		}
	}
}

// half is the value of an IEEE 754 number of 16 bits: 1 of the sign, 5 of the
// exponent, 10 of the fraction.
func half(b uint16) float32 {
	sign, exponent, fraction := uint32(b>>15)<<31, uint32(b>>10)&31, uint32(b)&0x3ff
	switch exponent {
	case 31: // infinity or NaN
		return math.Float32frombits(sign | 0x7f800000 | fraction<<13)
	case 0: // a multiple of 2^-24
		v := float32(fraction) * 0x1p-24
		return math.Float32frombits(sign | math.Float32bits(v))
	}
	return math.Float32frombits(sign | (exponent-15+127)<<23 | fraction<<13)
}
