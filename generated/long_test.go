package generated_test

import (
	"math/rand/v2"
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/gates"
)

// longNorms have among them all that is cut: loops over rows, groups and the columns of
// masked rows, with sums and without, loops over columns, and the runtime's own.
var longNorms = []string{"L2Norm", "LayerNorm", "GroupNormNCS", "BatchNorm", "PowerNorm", "WeightNormWhole"}

// TestLong holds rows, groups and columns that take assembly several calls to
// plan.Eval, bit for bit: some layers at a push, because a second of a processor goes
// into each, all before a release.
func TestLong(t *testing.T) {
	const cols = runtime.CallElements + runtime.RowBlock + 21 // a block and a part of one are left
	for _, name := range gates.Sized(longNorms, names()) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := normOf(t, name).Unit
			rows := 2
			if normtest.OneRow(u) {
				rows = 1
			}
			sizes := normtest.SplitSizes(u, rows, cols, func(axis, n int) int { return 1 }) // the last axis has all
			var rigs []*rig[float32]
			for _, isa := range normtest.ISAs() {
				rigs = append(rigs, newRigOf[float32](t, name, sizes, isa).Randomize())
			}
			c := normtest.Trial[float32]{Fill: "offset", Sizes: sizes, Apart: 5, Random: rand.New(rand.NewPCG(15, 0)), Pool: runtime.Serial, First: 4}
			c.Run(t, rigs...)
			if c.Compared < cols {
				t.Errorf("%d values were compared", c.Compared)
			}
		})
	}
}
