package diff

import "fmt"

// Sizes are those of the axes of both sides.
type sizes struct{ a, b []int }

// maxElements bounds what the axes of fixed size have together.
const maxElements = 1 << 12

// sizes gives every axis a size, so that blocks are equally long on both sides.
// It calls free once for each size that can be chosen, and reports how often.
func (p *pairing) sizes(free func() int) (n sizes, choices int, err error) {
	n = sizes{make([]int, len(p.a.layer.Axes)), make([]int, len(p.b.layer.Axes))}
	choose := func() int { choices++; return free() }
	for i := range p.a.blocks {
		if err := p.blockSizes(i, n, choose); err != nil {
			return n, choices, err
		}
	}
	fill(p.a, n.a, choose)
	fill(p.b, n.b, choose)
	return n, choices, nil
}

// fill sizes the axes that no block has.
func fill(s *side, n []int, free func() int) {
	for i := range n {
		if n[i] == 0 {
			if n[i] = s.fixed(i); n[i] == 0 {
				n[i] = free()
			}
		}
	}
}

// blockSizes sizes block i. On each side the last axis without a fixed size
// takes what the others leave.
func (p *pairing) blockSizes(i int, n sizes, free func() int) error {
	a, lastA := p.a.part(i, n.a, free)
	b, lastB := p.b.part(i, n.b, free)
	total := a / gcd(a, b) * b
	if lastA >= 0 && lastB >= 0 {
		total *= free()
	}
	if lastA < 0 && a != total || lastB < 0 && b != total {
		return fmt.Errorf("an axis has %d elements in a and %d in b", a, b)
	}
	if lastA >= 0 {
		n.a[lastA] = total / a
	}
	if lastB >= 0 {
		n.b[lastB] = total / b
	}
	return nil
}

// part sizes all axes of a block but the last free one, which it returns, or
// -1. The product is that of the sizes.
func (s *side) part(block int, n []int, free func() int) (product, last int) {
	product, last = 1, -1
	for _, axis := range s.blocks[block] {
		if s.fixed(axis) == 0 {
			last = axis
		}
	}
	for _, axis := range s.blocks[block] {
		if axis == last {
			continue
		}
		if n[axis] = s.fixed(axis); n[axis] == 0 {
			n[axis] = free()
		}
		product *= n[axis]
	}
	return product, last
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
