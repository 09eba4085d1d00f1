package dsl

import "strings"

// termText prints a term. Parentheses are nodes of it, so none are added. A
// line end stands for a broken line; the printer indents what follows.
func termText(t Term) string {
	var b strings.Builder
	writeTerm(&b, t)
	return b.String()
}

func writeTerm(b *strings.Builder, t Term) {
	switch t := t.(type) {
	case *NumberTerm:
		b.WriteString(t.Text)
	case *NameTerm:
		b.WriteString(t.Name)
	case *GroupTerm:
		b.WriteByte('(')
		writeTerm(b, t.X)
		b.WriteByte(')')
	case *PrefixTerm:
		b.WriteString(t.Op.String())
		writeTerm(b, t.X)
	case *InfixTerm:
		writeTerm(b, t.X)
		writeOperator(b, t)
		writeTerm(b, t.Y)
	case *CallTerm:
		b.WriteString(t.Fn.Text + "(")
		writeList(b, t.Args)
		b.WriteByte(')')
	case *FoldTerm:
		writeFold(b, t)
	case *IfTerm:
		writeIf(b, t)
	}
}

// writeOperator keeps the writer's spacing; words always stand apart.
func writeOperator(b *strings.Builder, t *InfixTerm) {
	op := t.Op.String()
	switch {
	case t.Layout == Broken:
		b.WriteString("\n" + op + " ")
	case t.Layout == Tight && !t.Op.joins():
		b.WriteString(op)
	default:
		b.WriteString(" " + op + " ")
	}
}

func writeList(b *strings.Builder, list []Term) {
	for i, t := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		writeTerm(b, t)
	}
}

func writeFold(b *strings.Builder, t *FoldTerm) {
	b.WriteString(t.Fn.String() + "<" + nameList(t.Over))
	if t.Mask != nil {
		b.WriteString(" | " + t.Mask.Text)
	}
	b.WriteString(">(")
	writeTerm(b, t.X)
	b.WriteByte(')')
}

func writeIf(b *strings.Builder, t *IfTerm) {
	gap := [2]string{" ", " "}
	for i, broken := range t.Break {
		if broken {
			gap[i] = "\n"
		}
	}
	b.WriteString("if ")
	writeTerm(b, t.Cond)
	b.WriteString(gap[0] + "then ")
	writeTerm(b, t.Then)
	b.WriteString(gap[1] + "else ")
	writeTerm(b, t.Else)
}
