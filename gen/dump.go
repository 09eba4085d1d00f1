package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// Stages are the stages that Dump knows, in the order of the compiler.
var Stages = []string{"core", "grad", "sums", "plan"}

// Dump returns the text of a stage of the norms called name: the equations, the
// functions as derived, the functions simplified, or the plans.
func Dump(stage string, p *dsl.Program, name string) (string, error) {
	var b strings.Builder
	if stage == "core" {
		for _, c := range p.Norms {
			if c.Name == name {
				b.Write(dsl.FormatCore(c))
			}
		}
		return b.String(), nil
	}
	text, ok := map[string]func(Unit) (string, error){"grad": dumpGrad, "sums": dumpSums, "plan": dumpPlan}[stage]
	if !ok {
		return "", fmt.Errorf("no stage %q: one of %s", stage, strings.Join(Stages, ", "))
	}
	return eachUnit(p, name, text)
}

// Traffic explains the passes over memory of the norms called name.
func Traffic(p *dsl.Program, name string) (string, error) {
	return eachUnit(p, name, func(u Unit) (string, error) {
		pu, err := planned(u)
		if err != nil {
			return "", err
		}
		return pu.Traffic(), nil
	})
}

// eachUnit joins what text says of every gen item of a norm.
func eachUnit(p *dsl.Program, name string, text func(Unit) (string, error)) (string, error) {
	units, err := Lower(p)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, u := range units {
		if u.Gen.Norm.Name != name {
			continue
		}
		s, err := text(u)
		if err != nil {
			return "", err
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

func dumpGrad(u Unit) (string, error) { return functions(u.Layer), nil }

func dumpSums(u Unit) (string, error) {
	if err := Middle(u); err != nil {
		return "", err
	}
	return functions(u.Layer), nil
}

func dumpPlan(u Unit) (string, error) {
	pu, err := planned(u)
	if err != nil {
		return "", err
	}
	return pu.String(), nil
}

func planned(u Unit) (*plan.Unit, error) {
	if err := Middle(u); err != nil {
		return nil, err
	}
	return PlanUnit(u)
}

// functions dumps every function of a layer.
func functions(l *ir.Layer) string {
	var b strings.Builder
	for _, p := range slices.Concat(l.Params, l.States) {
		if p.From != nil {
			b.WriteString(l.Dump(p.From))
		}
	}
	for _, m := range l.Modes {
		for _, r := range m.Requires {
			b.WriteString(l.Dump(r.Func))
		}
		b.WriteString(l.Dump(m.Forward))
		b.WriteString(l.Dump(m.Backward))
		for _, u := range m.Updates {
			b.WriteString(l.Dump(u.Func))
		}
	}
	return b.String()
}
