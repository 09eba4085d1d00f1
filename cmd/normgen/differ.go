package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/diff"
)

// difference is the diff command: it exits with 1 if the norms differ.
func (t *tool) difference(args []string) exit {
	fs := flagSet("diff")
	set := knobFlags{}
	fs.Var(set, "set", "set a knob: `a.name=value`, b.name=value or, in both, name=value")
	if status, ok := t.parse(fs, args); !ok {
		return status
	}
	if fs.NArg() != 2 {
		return t.fail(fmt.Errorf("usage: %s\n:Norm alone is a norm of the first spec", synopsis("diff")))
	}
	a, status := t.norm(fs.Arg(0))
	if status != done {
		return status
	}
	b, status := t.norm(inSpecOf(fs.Arg(0), fs.Arg(1)))
	if status != done {
		return status
	}
	a.Set, b.Set = set["a"], set["b"]
	r, err := diff.Norms(a, b)
	if err != nil {
		return t.fail(err)
	}
	fmt.Fprint(t.stdout, r)
	if !r.Equal() {
		return differs
	}
	return done
}

// inSpecOf puts the file of the first norm in front of a second without one.
func inSpecOf(first, second string) string {
	if !strings.HasPrefix(second, ":") {
		return second
	}
	file, _ := splitNorm(first)
	return file + second
}

// norm reads what file.dsl:Norm names.
func (t *tool) norm(arg string) (diff.Norm, exit) {
	path, name := splitNorm(arg)
	r := &report{}
	if err := t.check(r, path); err != nil {
		return diff.Norm{}, t.explainFailure(r, err)
	}
	units, err := gen.Lower(r.program)
	if err != nil {
		return diff.Norm{}, t.fail(err)
	}
	u, err := unitNamed(path, name, units)
	if err != nil {
		return diff.Norm{}, t.fail(err)
	}
	return diff.Norm{Label: fmt.Sprintf("%s (%s)", u.Layer.Name, r.spec.path), Layer: u.Layer}, done
}

// splitNorm splits file.dsl:Norm; without a norm the name is empty.
func splitNorm(arg string) (path, name string) {
	if i := strings.LastIndexByte(arg, ':'); i > 0 {
		return arg[:i], arg[i+1:]
	}
	return arg, ""
}

// unitNamed returns the norm of that name, or the only one.
func unitNamed(path, name string, units []gen.Unit) (gen.Unit, error) {
	var names []string
	for _, u := range units {
		if u.Layer.Name == name || name == "" && len(units) == 1 {
			return u, nil
		}
		names = append(names, u.Layer.Name)
	}
	if name == "" {
		return gen.Unit{}, fmt.Errorf("%s has several norms: name one as %s:%s, or another of %s", path, path, names[0], strings.Join(names, ", "))
	}
	return gen.Unit{}, fmt.Errorf("%s has no norm %s, it has %s", path, name, strings.Join(names, ", "))
}

// knobFlags are the knobs to set, by side: a and b.
type knobFlags map[string]map[string]float64

func (k knobFlags) String() string { return "" }

// Set takes a.name=value, b.name=value or name=value.
func (k knobFlags) Set(text string) error {
	name, value, ok := strings.Cut(text, "=")
	v, err := strconv.ParseFloat(value, 64)
	if !ok || err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("want a.knob=number, b.knob=number or knob=number")
	}
	sides := []string{"a", "b"}
	if side, knob, ok := strings.Cut(name, "."); ok {
		if side != "a" && side != "b" {
			return fmt.Errorf("there is a side a and a side b, none %s", side)
		}
		sides, name = []string{side}, knob
	}
	for _, s := range sides {
		if k[s] == nil {
			k[s] = map[string]float64{}
		}
		k[s][name] = v
	}
	return nil
}
