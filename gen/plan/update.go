package plan

import (
	"slices"

	"github.com/normgen/normgen/gen/ir"
)

// Steps is the plan of a function of arrays alone, such as the new value of a
// state: loops in float64. All its outputs have one shape, and the last loop
// makes them.
type Steps struct {
	Func  *ir.Func
	List  []*Step
	Temp  map[*ir.Value]int // values that a later loop reads: their scratch array
	Temps []ir.Axes         // shapes of the scratch arrays
}

// An Update is the plan of the new value of a state.
type Update struct {
	*ir.Update
	Steps *Steps
}

func (u *Unit) planUpdates(updates []*ir.Update) error {
	for _, up := range updates {
		steps, err := u.Steps(up.Func)
		if err != nil {
			return err
		}
		u.Updates = append(u.Updates, &Update{up, steps})
	}
	return nil
}

// Steps plans a function that knows no rows.
func (u *Unit) Steps(f *ir.Func) (*Steps, error) {
	p := &Steps{Func: f, Temp: map[*ir.Value]int{}}
	l := looping{shape: func(v *ir.Value) ir.Axes { return v.Axes }, in: map[*ir.Value]int{}, apart: map[*ir.Value]struct{}{}}
	for _, v := range f.Values {
		switch {
		case (v.Axes|v.Over)&u.sp.rows != 0:
			return nil, u.Layer.Refuse(v.Line, "%s varies over %s, but no rows are known here; use a statistic and its count", describe(v), u.sp.names(v.Axes|v.Over))
		case isMoment(v) || v.Mask() != nil:
			return nil, u.Layer.Refuse(v.Line, "the reduction %s has no schedule outside a pass", describe(v))
		case !isLeaf(v) && v.Op != ir.Widen && !(v.Axes == 0 && steady(v)):
			l.add(v, v.Args)
		}
	}
	p.List = l.steps
	p.finish(&l)
	for _, v := range f.Values {
		if _, ok := l.apart[v]; ok {
			p.Temp[v] = len(p.Temps)
			p.Temps = append(p.Temps, v.Axes)
		}
	}
	return p, nil
}

// finish makes the last loop that of the outputs.
func (p *Steps) finish(l *looping) {
	shape, last := p.Func.Outs[0].Value.Axes, len(p.List)-1
	notLast := func(o ir.Out) bool {
		at, made := l.in[Strip(o.Value)]
		return made && (at != last || Strip(o.Value) != o.Value)
	}
	if last >= 0 && p.List[last].Shape == shape && !slices.ContainsFunc(p.Func.Outs, notLast) {
		return
	}
	p.List = append(p.List, &Step{Shape: shape})
	for _, o := range p.Func.Outs {
		if _, made := l.in[Strip(o.Value)]; made {
			l.apart[Strip(o.Value)] = struct{}{}
		}
	}
}
