package choice

import (
	"fmt"
	"slices"
	"strings"

	"github.com/normgen/normgen/runtime/transformer"
)

// Places are the norms of a model by kind of position, in the order of a list:
// encoder attention and feed-forward, decoder attention and feed-forward, final of
// the encoder and of the decoder. A language model is a decoder.
type Places [6]*Norm

// names of the places, for messages and reports.
var placeNames = [6]string{"encoder attention", "encoder feed-forward", "decoder attention", "decoder feed-forward", "encoder final", "decoder final"}

// What lists of so many norms set, for translators and for language models.
var (
	translatorPlaces = map[int][]string{1: {"all"}, 4: {placeNames[0], placeNames[1], placeNames[2], placeNames[3]},
		5: {placeNames[0], placeNames[1], placeNames[2], placeNames[3], "both final"}, 6: placeNames[:]}
	languagePlaces = map[int][]string{1: {"all"}, 2: {"attention", "feed-forward"}, 3: {"attention", "feed-forward", "final"}}
)

// ParsePlaces reads a norm for all positions, or a list with commas: for a
// translator 4, as in "power,power,layer,layer", and as a fifth and sixth the final
// norms, which otherwise are as the feed-forward norm of their side; for a language
// model attention, feed-forward and, if wanted, final.
func (c Catalogue) ParsePlaces(list string, translator bool, names Names) (Places, error) {
	var norms []*Norm
	for _, text := range strings.Split(list, ",") {
		n, err := c.Parse(text, names)
		if err != nil {
			return Places{}, err
		}
		norms = append(norms, n)
	}
	if translator {
		return translatorOf(norms)
	}
	return languageOf(norms)
}

func translatorOf(n []*Norm) (Places, error) {
	switch len(n) {
	case 1:
		return Places{n[0], n[0], n[0], n[0], n[0], n[0]}, nil
	case 4:
		return Places{n[0], n[1], n[2], n[3], n[1], n[3]}, nil
	case 5:
		return Places{n[0], n[1], n[2], n[3], n[4], n[4]}, nil
	case 6:
		return Places(n), nil
	}
	return Places{}, wrongNumber(len(n), "a translator", translatorPlaces)
}

func languageOf(n []*Norm) (Places, error) {
	switch len(n) {
	case 1:
		return Places{2: n[0], 3: n[0], 5: n[0]}, nil
	case 2:
		return Places{2: n[0], 3: n[1], 5: n[1]}, nil
	case 3:
		return Places{2: n[0], 3: n[1], 5: n[2]}, nil
	}
	return Places{}, wrongNumber(len(n), "a language model", languagePlaces)
}

func wrongNumber(n int, of string, places map[int][]string) error {
	var forms []string
	for k := range 7 {
		if p, ok := places[k]; ok {
			forms = append(forms, fmt.Sprintf("%d (%s)", k, strings.Join(p, ", ")))
		}
	}
	return fmt.Errorf("%d norms in the list: %s takes %s", n, of, strings.Join(forms, " or "))
}

// Norms are the makers of the model.
func (p *Places) Norms() transformer.Norms {
	of := func(n *Norm) transformer.NormMaker {
		if n == nil {
			return nil
		}
		return n.Make
	}
	return transformer.Norms{EncoderAttention: of(p[0]), EncoderFeedForward: of(p[1]), DecoderAttention: of(p[2]), DecoderFeedForward: of(p[3]),
		EncoderFinal: of(p[4]), DecoderFinal: of(p[5])}
}

// Different lists the norms, each once.
func (p *Places) Different() []*Norm {
	var out []*Norm
	for _, n := range p {
		if n != nil && !slices.ContainsFunc(out, func(m *Norm) bool { return m.String() == n.String() }) {
			out = append(out, n)
		}
	}
	return out
}

// String is a short list that [Catalogue.ParsePlaces] reads.
func (p *Places) String() string {
	if d := p.Different(); len(d) == 1 {
		return d[0].String()
	}
	var out []string
	for _, n := range p {
		if n != nil {
			out = append(out, n.String())
		}
	}
	return strings.Join(out, ",")
}

// Describe says which norm is where.
func (p *Places) Describe() string {
	if d := p.Different(); len(d) == 1 {
		return d[0].describe() + " everywhere"
	}
	var out []string
	for i, n := range p {
		if n != nil {
			out = append(out, placeNames[i]+" "+n.describe())
		}
	}
	return strings.Join(out, "; ")
}

// describe is the norm with the values of all knobs.
func (n *Norm) describe() string {
	m := n.Maker
	m.Knobs = slices.Clone(m.Knobs)
	for i, k := range m.Knobs {
		if v, ok := n.Set[k.Name]; ok {
			m.Knobs[i].Default = v
		}
	}
	return (&m).String()
}

// Mixing lists the makers of the norms in the decoder that let positions see each
// other in training: what a causal model must not do.
func (p *Places) Mixing() []string {
	var out []string
	for _, i := range []int{2, 3, 5} {
		if n := p[i]; n != nil && n.Maker.Mixes && !slices.Contains(out, n.Maker.Name) {
			out = append(out, n.Maker.Name)
		}
	}
	return out
}
