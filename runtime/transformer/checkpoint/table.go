package checkpoint

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Table says what another program calls the tensors and counters of a state. It is
// a text with a rule on each line:
//
//	# what a norm here and a module there have in common
//	*.gamma                         *.weight
//	*.phi                           *.running_phi   [1,N,1,1]
//	*.step                          *.iters         [1]  -1
//	decoder.layers.*.self_attn_norm.*   decoder.layers.*.norm1.*
//	-                               *.attn_mask
//
// The first word is a name here, the second the one there. A star stands for one or
// more characters, the same on both sides in their order. Rules apply to a name one
// after the other: each to what those before it have made of it. A name that no rule
// fits is the same there.
//
// A shape is the one there, with N for the number of elements; without one the shape
// is as here. Reading lets dimensions of 1 differ.
//
// A counter is a tensor of one 64-bit integer there. A rule for it says so with a
// shape, with how much less (-) or more (+) the other program counts, or with both;
// the shape is [] otherwise. Counters that no such rule fits have no counterpart.
//
// A rule with - in place of the name here lists tensors that have no counterpart and
// are left out in reading.
type Table struct{ rules []rule }

type rule struct {
	here  *regexp.Regexp // nil: left out
	there string         // a template of regexp.Expand; or, left out, a pattern
	left  *regexp.Regexp
	shape []string // nil: as here
	plus  int64    // there - here
	count bool     // fits counters: it has a shape or a number
}

// ParseTable reads a table.
func ParseTable(text string) (*Table, error) {
	t := &Table{}
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		r, err := parseRule(words)
		if err != nil {
			return nil, fmt.Errorf("line %d of the names: %w", i+1, err)
		}
		t.rules = append(t.rules, r)
	}
	return t, nil
}

func parseRule(words []string) (r rule, err error) {
	if len(words) < 2 {
		return r, fmt.Errorf("%q is one word: a rule has a name here and one there", words[0])
	}
	here, there, rest := words[0], words[1], words[2:]
	if here == "-" {
		if len(rest) > 0 {
			return r, fmt.Errorf("%q is behind a name that is left out", rest[0])
		}
		r.left, err = pattern(there)
		return r, err
	}
	if strings.Count(here, "*") != strings.Count(there, "*") {
		return r, fmt.Errorf("%q and %q have not the same number of stars", here, there)
	}
	if r.here, err = pattern(here); err != nil {
		return r, err
	}
	r.there = template(there)
	r.count = len(rest) > 0
	if len(rest) > 0 && strings.HasPrefix(rest[0], "[") {
		if r.shape, err = parseShape(rest[0]); err != nil {
			return r, err
		}
		rest = rest[1:]
	}
	if len(rest) > 0 {
		if r.plus, err = strconv.ParseInt(rest[0], 10, 32); err != nil {
			return r, fmt.Errorf("%q is neither a shape such as [1,N] nor a number such as -1", rest[0])
		}
		rest = rest[1:]
	}
	if len(rest) > 0 {
		return r, fmt.Errorf("%q is one word too many", rest[0])
	}
	return r, nil
}

// pattern fits whole names.
func pattern(name string) (*regexp.Regexp, error) {
	p, err := regexp.Compile("(?s)^" + strings.ReplaceAll(regexp.QuoteMeta(name), `\*`, "(.+)") + "$")
	if err != nil { // it is not UTF-8, or too long
		return nil, fmt.Errorf("%.40q is no pattern: %.80s", name, err.Error())
	}
	return p, nil
}

// template takes what the stars of a pattern stood for.
func template(name string) string {
	var out strings.Builder
	stars := 0
	for _, part := range strings.SplitAfter(name, "*") {
		literal, star := strings.CutSuffix(part, "*")
		out.WriteString(strings.ReplaceAll(literal, "$", "$$"))
		if star {
			stars++
			fmt.Fprintf(&out, "${%d}", stars)
		}
	}
	return out.String()
}

func parseShape(word string) ([]string, error) {
	inner, ok := strings.CutSuffix(word[1:], "]")
	if !ok {
		return nil, fmt.Errorf("%q is no shape: it has no ] at the end", word)
	}
	shape := []string{}
	if inner == "" {
		return shape, nil
	}
	for _, dim := range strings.Split(inner, ",") {
		if n, err := strconv.Atoi(dim); dim != "N" && (err != nil || n < 1) {
			return nil, fmt.Errorf("%q is no shape: %q is neither N nor a number", word, dim)
		}
		shape = append(shape, dim)
	}
	return shape, nil
}

// A counterpart is what the other program has for a name.
type counterpart struct {
	name  string
	shape []string
	plus  int64
	count bool // a rule for counters has made it
}

// name is the counterpart of a name here. That of no table is the name.
func (t *Table) name(here string) counterpart {
	c := counterpart{name: here}
	if t == nil {
		return c
	}
	for _, r := range t.rules {
		if r.here == nil || !r.here.MatchString(c.name) {
			continue
		}
		c.name, c.count = r.here.ReplaceAllString(c.name, r.there), c.count || r.count
		if r.shape != nil {
			c.shape = r.shape
		}
		c.plus += r.plus
	}
	return c
}

// omits reports whether a tensor there has no counterpart.
func (t *Table) omits(there string) bool {
	return t != nil && slices.ContainsFunc(t.rules, func(r rule) bool { return r.left != nil && r.left.MatchString(there) })
}

// shaped is the shape there of a tensor that has a shape here.
func (c counterpart) shaped(here []int, elements int) ([]uint64, error) {
	shape := here
	if c.shape != nil {
		shape = nil
		for _, dim := range c.shape {
			n, err := strconv.Atoi(dim)
			if err != nil { // N
				n = elements
			}
			shape = append(shape, n)
		}
	}
	product := 1
	out := make([]uint64, len(shape))
	for i, n := range shape {
		if n < 0 {
			return nil, errors.New("a dimension is negative")
		}
		product *= n
		out[i] = uint64(n)
	}
	if product != elements {
		return nil, fmt.Errorf("shape %d has %d elements, and there are %d", shape, product, elements)
	}
	return out, nil
}
