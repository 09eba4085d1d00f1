package gen

import (
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/ir"
)

// minimalSums are the sums over full tensors in the backward of training, by what
// they sum over, without those that the forward computes too. A norm with mean and
// variance needs two and one that only scales needs one, over the axes of its
// statistics or, if they are more, of its parameters: sums over both are made of
// these. Parameters over other axes need their own.
var minimalSums = map[string]map[string]string{
	"spatial": {
		"BatchNormSpatialNCS": "[N S] [N S]", "BatchNormSpatialNSC": "[N S] [N S]",
		"GroupNormNCS": "[S] [S]", "GroupNormNSC": "[S] [S]",
		"InstanceNormNCS": "[S] [S]", "InstanceNormNSC": "[S] [S]",
		"InstanceNormRunningNCS": "[S] [S]", "InstanceNormRunningNSC": "[S] [S]",
	},
	"weights": {
		"WeightNorm": "[I]", "WeightNormMiddle": "[P I]", "WeightNormWhole": "[I]",
		"WeightStandardization": "[I] [I]", "WeightStandardizationUnbiased": "[I] [I]",
	},
	"scale":       {"L2Norm": "[C]", "ScaleNorm": "[C]", "QKNorm": "[H R] [D]"},
	"residual":    {"AddLayerNorm": "[R] [R] [C] [C]", "AddRMSNorm": "[R] [C]"},
	"conditional": {"AdaLN": "[T] [T] [C] [C]", "AdaLNZero": "[T] [T] [T] [C] [C]"},
	"pointwise":   {"DyT": "[R] [R] [R]", "Derf": "[R] [R] [R] [R]"},
}

func TestMinimalSums(t *testing.T) {
	for spec, want := range minimalSums {
		for _, u := range lowered(t, "../testdata/"+spec+".dsl") {
			if err := Middle(u); err != nil {
				t.Fatal(err)
			}
			m := u.Layer.Modes[0]
			if got := fullSums(u.Layer, m.Forward, m.Backward); got != want[u.Layer.Name] {
				t.Errorf("%s sums over %s, want %s", u.Layer.Name, got, want[u.Layer.Name])
			}
			delete(want, u.Layer.Name)
		}
		if len(want) > 0 {
			t.Errorf("%s has no %v", spec, want)
		}
	}
}

// fullSums lists what the sums of full tensors in b, which f does not compute,
// sum over.
func fullSums(l *ir.Layer, f, b *ir.Func) string {
	var full ir.Axes
	for _, v := range b.Values {
		full |= v.Axes
	}
	known := ir.Match(f, b)
	var out []string
	for _, v := range b.Values {
		if v.Op.Reduces() && v.Args[0].Axes == full && known[v] == nil {
			out = append(out, l.AxesString(v.Over))
		}
	}
	return strings.Join(out, " ")
}

// The gradients of the input and of the residual are one value.
func TestOneGradient(t *testing.T) {
	for _, u := range lowered(t, "../testdata/residual.dsl") {
		if err := Middle(u); err != nil {
			t.Fatal(err)
		}
		grads := map[string]*ir.Value{}
		for _, o := range u.Layer.Modes[0].Backward.Outs {
			grads[o.Name] = o.Value
		}
		if grads["x"] == nil || grads["x"] != grads["residual"] {
			t.Errorf("%s: the gradients of x and of residual are two values", u.Layer.Name)
		}
	}
}
