package plan

import "github.com/normgen/normgen/gen/ir"

// An Update is the plan of the new value of a state: steps in float64 over
// arrays alone.
type Update struct {
	*ir.Update
	Steps []*Step
	Temp  map[*ir.Value]int // values that a later step reads: their scratch array
	Temps []ir.Axes         // shapes of the scratch arrays
}

func buildUpdates(sp space, updates []*ir.Update) ([]*Update, error) {
	var out []*Update
	for _, u := range updates {
		p, err := buildUpdate(sp, u)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

func buildUpdate(sp space, u *ir.Update) (*Update, error) {
	p := &Update{Update: u, Temp: map[*ir.Value]int{}}
	l := looping{shape: func(v *ir.Value) ir.Axes { return v.Axes }, in: map[*ir.Value]int{}, apart: map[*ir.Value]struct{}{}}
	for _, v := range u.Func.Values {
		switch {
		case v.Axes&sp.rows != 0 || v.Over&sp.rows != 0:
			return nil, sp.layer.Refuse(v.Line, "an update knows no rows: %s varies over %s; use a statistic and its count", describe(v), sp.names(v.Axes|v.Over))
		case isMoment(v) || v.Mask() != nil:
			return nil, sp.layer.Refuse(v.Line, "the reduction %s has no schedule in an update", describe(v))
		case !isLeaf(v) && v.Op != ir.Widen && !(v.Axes == 0 && steady(v)):
			l.add(v, v.Args)
		}
	}
	p.Steps = l.steps
	out := u.Func.Outs[0]
	shape := out.Value.Axes
	last := len(p.Steps) - 1
	if v := Strip(out.Value); last < 0 || p.Steps[last].Shape != shape || v != out.Value || l.in[v] != last {
		p.Steps = append(p.Steps, &Step{Shape: shape})
		if _, made := l.in[v]; made {
			l.apart[v] = struct{}{}
		}
	}
	for _, v := range u.Func.Values {
		if _, ok := l.apart[v]; ok {
			p.Temp[v] = len(p.Temps)
			p.Temps = append(p.Temps, v.Axes)
		}
	}
	return p, nil
}
