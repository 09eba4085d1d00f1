package dsl

import "strings"

// Doc returns the comment right above the norm, without slashes; one that a
// blank line separates is not about it.
func (n *Norm) Doc() string {
	if n.Gap {
		return ""
	}
	var lines []string
	for _, c := range n.Lead {
		if c.Blank {
			lines = nil
		}
		lines = append(lines, strings.TrimSpace(strings.TrimPrefix(c.Text, "//")))
	}
	return strings.Join(lines, "\n")
}

// Signature returns the name of the norm with its knobs.
func (n *Norm) Signature() string { return n.Name.Text + knobList(n.Knobs) }

// Text returns the norm in canonical layout, without the comments above it.
func (n *Norm) Text() string { return string(formatNorm(n)) }
