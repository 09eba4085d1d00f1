package replay

import (
	"fmt"

	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
)

// update evaluates all updates on the values before the step, and only then
// changes them.
func (n *Interpreter) update(m *ir.Mode, c Call, got map[string][]float64) error {
	next := map[*ir.Leaf][]float64{}
	for _, up := range m.Updates {
		e := n.env(c, m)
		for _, v := range up.Func.Values {
			if v.Op != ir.Load {
				continue
			}
			switch v.Leaf.Kind {
			case ir.StatLeaf:
				e.Leaves[v.Leaf] = got[v.Leaf.Name]
			case ir.CountLeaf:
				n, err := count(up, v.Leaf.Name, c)
				if err != nil {
					return err
				}
				e.Leaves[v.Leaf] = []float64{n}
			}
		}
		outs, err := interp.Run(up.Func, e)
		if err != nil {
			return err
		}
		next[up.State] = outs[0]
	}
	for l, v := range next {
		n.leaves[l] = v
	}
	n.step++
	return nil
}

// count is how many values an unbiased statistic is of: more than one.
func count(up *ir.Update, stat string, c Call) (float64, error) {
	for _, s := range up.Stats {
		if s.Name != stat {
			continue
		}
		n := 1
		for i, size := range c.Sizes {
			if s.Over.Has(1<<i) && !(s.Mask != nil && c.Keep != nil && s.Mask.Axes().Has(1<<i)) {
				n *= size
			}
		}
		if s.Mask != nil && c.Keep != nil {
			n *= kept(c.Keep)
		}
		if n < 2 {
			return 0, fmt.Errorf("the unbiased %s needs more than one value, and has %d", stat, n)
		}
		return float64(n), nil
	}
	return 0, fmt.Errorf("the update of %s counts %s, which it does not read", up.State.Name, stat)
}

func kept(keep []bool) int {
	n := 0
	for _, k := range keep {
		if k {
			n++
		}
	}
	return n
}
