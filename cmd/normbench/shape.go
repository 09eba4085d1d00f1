package main

import (
	"fmt"
	"strconv"
	"strings"
)

// A shape is rows x columns, or samples x channels x places (for norms of
// sequences and images; tokens are places).
type shape []int

// defaultShapes are those that the targets are stated for: from the L1 cache to
// main memory, and three of images.
const (
	defaultShapes = "8x64,32x128,128x512,512x768,4096x768,2048x4096,8x64x784,32x256x196,32x64x3136"
	longShapes    = defaultShapes + ",16384x1024"
)

// largest is the largest number of elements of a tensor; four of them fill most
// of a small machine's memory.
const largest = 1 << 28

func (s shape) String() string {
	parts := make([]string, len(s))
	for i, n := range s {
		parts[i] = strconv.Itoa(n)
	}
	return strings.Join(parts, "x")
}

// elements returns the number of elements of a tensor.
func (s shape) elements() int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}

func parseShapes(list string) ([]shape, error) {
	var out []shape
	for _, text := range strings.Split(list, ",") {
		s, err := parseShape(strings.TrimSpace(text))
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func parseShape(text string) (shape, error) {
	var s shape
	elements := 1
	for _, part := range strings.Split(text, "x") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("shape %q: %q is not a size; write 512x768 or 8x64x784", text, part)
		}
		if n > largest/elements {
			return nil, fmt.Errorf("shape %q: more than %d elements", text, largest)
		}
		elements *= n
		s = append(s, n)
	}
	if len(s) != 2 && len(s) != 3 {
		return nil, fmt.Errorf("shape %q: %d sizes; write rows x columns or samples x channels x places", text, len(s))
	}
	return s, nil
}
