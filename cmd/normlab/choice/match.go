package choice

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/normgen/normgen/runtime"
)

// find returns the norm that a user calls name, in letters of any case: the one of
// that name, of that name and "norm", or the only one that begins so.
func (c Catalogue) find(name string) (runtime.Maker, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		return runtime.Maker{}, fmt.Errorf("a norm without a name: there are %s", c.list())
	}
	for _, whole := range []string{name, name + "norm"} {
		for _, m := range c {
			if strings.EqualFold(m.Name, whole) {
				return m, nil
			}
		}
	}
	begin := slices.DeleteFunc(slices.Clone(c), func(m runtime.Maker) bool {
		return !strings.HasPrefix(strings.ToLower(m.Name), strings.ToLower(name))
	})
	switch len(begin) {
	case 0:
		return runtime.Maker{}, fmt.Errorf("no norm is called %q; near it are %s; normlab norms lists all", name, c.near(name).list())
	case 1:
		return begin[0], nil
	}
	return runtime.Maker{}, fmt.Errorf("%q could be %s", name, begin.list())
}

// list names the norms.
func (c Catalogue) list() string {
	var out []string
	for _, m := range c {
		out = append(out, m.Name)
	}
	return strings.Join(out, ", ")
}

// near are the three norms whose names differ least from name.
func (c Catalogue) near(name string) Catalogue {
	sorted := slices.Clone(c)
	name = strings.ToLower(name)
	far := func(m runtime.Maker) int {
		whole := strings.ToLower(m.Name)
		return min(edits(name, whole), edits(name+"norm", whole))
	}
	slices.SortStableFunc(sorted, func(a, b runtime.Maker) int { return cmp.Compare(far(a), far(b)) })
	return sorted[:min(3, len(sorted))]
}

// edits is the number of characters to insert, delete or replace that make a of b.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := i // of the row before, one column back
		row[0] = i + 1
		for j := range len(b) {
			replaced := last
			if a[i] != b[j] {
				replaced++
			}
			last = row[j+1]
			row[j+1] = min(replaced, row[j]+1, last+1)
		}
	}
	return row[len(b)]
}
