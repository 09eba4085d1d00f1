package vectors

import (
	"fmt"
	"maps"
	"slices"
)

// ChannelsLast moves an axis to the end. A BatchNorm case of shape (N, C, ...)
// with axis 1 becomes (N, ..., C): rows of C channels.
func ChannelsLast(t Tensor, axis int) Tensor {
	return move(t, axis, len(t.Shape)-1)
}

// ChannelsFirst moves the last axis to the given place, the inverse of
// ChannelsLast.
func ChannelsFirst(t Tensor, axis int) Tensor {
	return move(t, len(t.Shape)-1, axis)
}

// Transpose swaps the two axes of a matrix. Padding is (B, T) where x is
// (T, B, C).
func Transpose(t Tensor) Tensor {
	if len(t.Shape) != 2 {
		panic(fmt.Sprintf("vectors: transpose of shape %v", t.Shape))
	}
	return move(t, 0, 1)
}

// Matrix views a tensor as rows of its last dims axes taken together. The data
// are shared.
func Matrix(t Tensor, dims int) Tensor {
	k := len(t.Shape) - dims
	return Tensor{Shape: []int{size(t.Shape[:k]), size(t.Shape[k:])}, Data: t.Data, Bool: t.Bool}
}

// Keep turns padding, 1 for a padded element, into a mask of the elements that
// count. A nil mask keeps all.
func Keep(pad Tensor) []bool {
	if pad.Data == nil {
		return nil
	}
	keep := make([]bool, len(pad.Data))
	for i, v := range pad.Data {
		keep[i] = v == 0
	}
	return keep
}

// move takes one axis from its place to another; the others keep their order.
func move(t Tensor, from, to int) Tensor {
	order := make([]int, len(t.Shape))
	for i := range order {
		order[i] = i
	}
	order = slices.Insert(slices.Delete(order, from, from+1), to, from)
	return permute(t, order)
}

// permute returns the tensor whose axis i is axis order[i] of t.
func permute(t Tensor, order []int) Tensor {
	stride := make([]int, len(t.Shape))
	for i := range stride {
		stride[i] = size(t.Shape[i+1:])
	}
	out := Tensor{Bool: t.Bool, Shape: make([]int, len(order)), Data: make([]float64, len(t.Data))}
	for i, a := range order {
		out.Shape[i] = t.Shape[a]
	}
	for i := range out.Data {
		at, rest := 0, i
		for k := len(order) - 1; k >= 0; k-- {
			at += rest % out.Shape[k] * stride[order[k]]
			rest /= out.Shape[k]
		}
		out.Data[i] = t.Data[at]
	}
	return out
}

// size is the number of elements of a shape, or -1 if it makes no sense.
func size(shape []int) int {
	n := 1
	for _, d := range shape {
		if d < 0 || d > 1<<24 || n*d > 1<<30 {
			return -1
		}
		n *= d
	}
	return n
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
