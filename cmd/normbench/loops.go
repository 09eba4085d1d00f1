package main

import "github.com/normgen/normgen/cmd/normbench/plain"

// groupsByDefault is the library's number of groups.
const groupsByDefault = 32

// loops makes the plain loops of those norms that have any.
var loops = map[string]func(s shape, v plain.Vectors) plain.Layer{
	"LayerNorm": func(s shape, v plain.Vectors) plain.Layer { return plain.NewLayerNorm(s[0], v) },
	"RMSNorm":   func(s shape, v plain.Vectors) plain.Layer { return plain.NewRMSNorm(s[0], v) },
	"BatchNorm": func(_ shape, v plain.Vectors) plain.Layer { return plain.NewBatchNorm(v) },
	"PNV":       func(_ shape, v plain.Vectors) plain.Layer { return plain.NewPNV(v) },
	"PowerNorm": func(_ shape, v plain.Vectors) plain.Layer { return plain.NewPowerNorm(v) },
	"GroupNormNCS": func(s shape, v plain.Vectors) plain.Layer {
		return plain.NewGroupNormNCS(s[0], groupsByDefault, s[2], v)
	},
	"GroupNormNSC": func(s shape, v plain.Vectors) plain.Layer {
		return plain.NewGroupNormNSC(s[0], groupsByDefault, s[2], v)
	},
}

// loop returns the pass of the plain loop for a norm at a shape; nil if there is
// none. It works on the subject's tensors, parameters and states.
func loop(name string, at shape, o op, s *subject) func() error {
	of, ok := loops[name]
	if !ok {
		return nil
	}
	l := of(at, s.vectors)
	switch o {
	case forward:
		return func() error { l.Forward(s.y, s.x); return nil }
	case backward:
		l.Forward(s.y, s.x)
		return func() error { l.Backward(s.dx, s.dy, s.x); return nil }
	}
	return func() error { l.Infer(s.y, s.x); return nil }
}
