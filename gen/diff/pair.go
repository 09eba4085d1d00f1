package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/train"
)

// A pairing says what of a is what of b.
type pairing struct {
	a, b                           *side
	inputs, masks, params, outputs []pair
	states                         []statePair
	alone                          []string // what has no counterpart, for people
}

// A statePair says that a state of b is k times one of a: exactly, or where
// the norms agree most.
type statePair struct {
	pair
	k     float64
	exact bool
}

func newPairing(a, b *side) (*pairing, error) {
	p := &pairing{a: a, b: b}
	inputs, restA, restB := sameNames(a.layer.Inputs, b.layer.Inputs)
	for i := range min(len(restA), len(restB)) {
		inputs = append(inputs, pair{restA[i], restB[i]})
	}
	if len(restA) != len(restB) {
		return nil, fmt.Errorf("%s has the inputs %s, %s has %s: norms of different inputs cannot be compared",
			a.layer.Name, leafNames(a.layer.Inputs), b.layer.Name, leafNames(b.layer.Inputs))
	}
	p.inputs = inputs
	for _, in := range inputs {
		if err := p.align(in); err != nil {
			return nil, err
		}
	}
	n, _, err := p.sizes(func() int { return 1 })
	if err != nil {
		return nil, fmt.Errorf("%s and %s cannot have the same input: %w", a.layer.Name, b.layer.Name, err)
	}
	if train.Exceed(n.a, maxElements) || train.Exceed(n.b, maxElements) {
		return nil, fmt.Errorf("the fixed axes of %s and %s have more than %d elements: set knobs that make them shorter", a.layer.Name, b.layer.Name, maxElements)
	}
	p.masks = p.match("mask", a.layer.Masks, b.layer.Masks)
	p.params = p.match("parameter", a.layer.Params, b.layer.Params)
	p.outputs = p.match("output", a.layer.Outputs, b.layer.Outputs)
	if len(p.outputs) == 0 {
		return nil, fmt.Errorf("%s and %s have no output over the same axes", a.layer.Name, b.layer.Name)
	}
	return p, nil
}

func leafNames(leaves []*ir.Leaf) string {
	var out []string
	for _, l := range leaves {
		out = append(out, l.Name)
	}
	return strings.Join(out, ", ")
}

func sameNames(as, bs []*ir.Leaf) (pairs []pair, restA, restB []*ir.Leaf) {
	restB = slices.Clone(bs)
	for _, a := range as {
		i := slices.IndexFunc(restB, func(b *ir.Leaf) bool { return a.Name == b.Name })
		if i < 0 {
			restA = append(restA, a)
			continue
		}
		pairs = append(pairs, pair{a, restB[i]})
		restB = slices.Delete(restB, i, i+1)
	}
	return pairs, restA, restB
}

// match pairs leaves over the same axes: by name, and those that are left in
// their order.
func (p *pairing) match(what string, as, bs []*ir.Leaf) []pair {
	var out []pair
	used := map[*ir.Leaf]bool{}
	take := func(fits func(a, b *ir.Leaf) bool) {
		for _, a := range as {
			for _, b := range bs {
				if !used[a] && !used[b] && fits(a, b) && p.sameAxes(pair{a, b}) {
					out = append(out, pair{a, b})
					used[a], used[b] = true, true
				}
			}
		}
	}
	take(func(a, b *ir.Leaf) bool { return a.Name == b.Name })
	take(func(a, b *ir.Leaf) bool { return true })
	p.leftOver(what, as, bs, used)
	return out
}

func (p *pairing) leftOver(what string, as, bs []*ir.Leaf, used map[*ir.Leaf]bool) {
	for _, a := range as {
		if !used[a] {
			p.alone = append(p.alone, fmt.Sprintf("%s %s only in a", what, a.Name))
		}
	}
	for _, b := range bs {
		if !used[b] {
			p.alone = append(p.alone, fmt.Sprintf("%s %s only in b", what, b.Name))
		}
	}
}

// sameAxes reports whether the leaves of a pair have the same elements. Axes
// that no input has are aligned here, if they have the same fixed size or none.
func (p *pairing) sameAxes(of pair) bool {
	na, nb := len(p.a.blocks), len(p.b.blocks)
	if p.align(of) == nil {
		ba, wholeA := p.a.in(of.a.Dims)
		bb, wholeB := p.b.in(of.b.Dims)
		if _, _, err := p.sizes(func() int { return 1 }); err == nil && wholeA && wholeB && slices.Equal(ba, bb) {
			return true
		}
	}
	p.a.blocks, p.b.blocks = p.a.blocks[:na], p.b.blocks[:nb]
	return false
}
