// Package choice turns what a user calls norms into makers of layers:
//
//	PowerNorm                   one norm, with the knobs of its spec
//	PowerNorm:alpha=0.95        with a knob set
//	power,power,layer,layer     one for each kind of position
//
// Names are matched against a catalogue; nothing here knows a norm.
package choice

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/normgen/normgen/runtime"
)

// A Norm is a norm of the catalogue with knobs.
type Norm struct {
	Maker runtime.Maker
	Set   map[string]float64
}

// Make makes a layer of so many columns.
func (n *Norm) Make(cols int) (runtime.Norm, error) { return n.Maker.Make(cols, n.Set) }

// String is the norm as [Catalogue.Parse] reads it, with its full name.
func (n *Norm) String() string {
	out := n.Maker.Name
	for _, k := range n.Maker.Knobs {
		if v, ok := n.Set[k.Name]; ok {
			out += ":" + k.Name + "=" + strconv.FormatFloat(v, 'g', -1, 64)
		}
	}
	return out
}

// A Catalogue is what can be chosen from. Of norms with the same name the first
// counts.
type Catalogue []runtime.Maker

// Names are numbers that knobs can be set to by name, such as the heads of the model
// at hand.
type Names map[string]float64

// Parse reads a norm: its name and knobs, with colons between them.
func (c Catalogue) Parse(text string, names Names) (*Norm, error) {
	parts := strings.Split(strings.TrimSpace(text), ":")
	m, err := c.find(parts[0])
	if err != nil {
		return nil, err
	}
	n := &Norm{Maker: m}
	for _, p := range parts[1:] {
		if err := n.set(p, names); err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
	}
	return n, nil
}

// set reads name=value.
func (n *Norm) set(text string, names Names) error {
	name, value, ok := strings.Cut(text, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	i := slices.IndexFunc(n.Maker.Knobs, func(k runtime.KnobSpec) bool { return strings.EqualFold(k.Name, name) })
	switch {
	case !ok:
		return fmt.Errorf("%q sets nothing: knobs are set as name=value", text)
	case i < 0:
		return fmt.Errorf("no knob %s: it is %s", name, &n.Maker)
	}
	v, known := names[value]
	if !known {
		var err error
		if v, err = strconv.ParseFloat(value, 64); err != nil || v-v != 0 {
			return fmt.Errorf("knob %s: %q is neither a number nor one of %s", name, value, strings.Join(slices.Sorted(maps.Keys(names)), ", "))
		}
	}
	if n.Set == nil {
		n.Set = map[string]float64{}
	}
	n.Set[n.Maker.Knobs[i].Name] = v
	return nil
}
