package dsl

import (
	"bytes"
	"strings"
)

// maxColumn is where lists are broken, one binding a line.
const maxColumn = 100

// Format writes a file in its canonical layout. Words and equal signs of
// neighbouring items are aligned, comments stay with their items, and the
// spacing around operators is the writer's. Formatting twice changes nothing.
func Format(f *File) []byte {
	p := &printer{}
	for i, it := range f.Items {
		if _, norm := it.(*Norm); i > 0 && (norm || it.node().Blank || isNorm(f.Items[i-1])) {
			p.line("")
		}
		if bodyOf(it) == nil {
			p.items([]Item{it})
			continue
		}
		p.block(it)
	}
	if len(f.Foot) > 0 && len(f.Items) > 0 {
		p.line("")
	}
	p.comments(f.Foot, false)
	return p.bytes()
}

func isNorm(it Item) bool {
	_, ok := it.(*Norm)
	return ok
}

// formatNorm prints one norm without the comments above it.
func formatNorm(n *Norm) []byte {
	bare := *n
	bare.Lead, bare.Gap = nil, false
	p := &printer{}
	p.block(&bare)
	return p.bytes()
}

// A row is one line of output; its comment is placed when all rows are known.
type row struct{ text, comment string }

// A printer collects rows.
type printer struct {
	rows   []row
	indent int
}

// line adds text, which may have several lines.
func (p *printer) line(text string) {
	for _, l := range strings.Split(text, "\n") {
		if l != "" {
			l = strings.Repeat("  ", p.indent) + l
		}
		p.rows = append(p.rows, row{text: l})
	}
}

// comments prints a list with its blank lines; the one before the first is
// kept if something stands above.
func (p *printer) comments(list []Comment, below bool) {
	for i, c := range list {
		if c.Blank && (below || i > 0) {
			p.line("")
		}
		p.line(c.Text)
	}
}

func (p *printer) lead(n *ItemNode) {
	p.comments(n.Lead, false)
	if n.Gap {
		p.line("")
	}
}

// trail puts a comment behind the last row.
func (p *printer) trail(c *Comment) {
	if c != nil {
		p.rows[len(p.rows)-1].comment = c.Text
	}
}

// bytes joins the rows and aligns the comments of neighbouring ones.
func (p *printer) bytes() []byte {
	var b bytes.Buffer
	for i := 0; i < len(p.rows); {
		if p.rows[i].comment == "" {
			b.WriteString(p.rows[i].text + "\n")
			i++
			continue
		}
		i = p.commented(&b, i)
	}
	return b.Bytes()
}

// commented writes the run of rows with comments that starts at i.
func (p *printer) commented(b *bytes.Buffer, i int) int {
	end, width := i, 0
	for ; end < len(p.rows) && p.rows[end].comment != ""; end++ {
		width = max(width, columns(p.rows[end].text))
	}
	for _, r := range p.rows[i:end] {
		b.WriteString(pad(r.text, width) + "  " + r.comment + "\n")
	}
	return end
}

func columns(s string) int { return len([]rune(s)) }

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-columns(s)))
}

// block prints a norm, mode, backward or gen with its comments.
func (p *printer) block(it Item) {
	n, b := it.node(), bodyOf(it)
	p.lead(n)
	if text, ok := p.oneLine(it, b); ok {
		p.line(text)
		p.trail(n.Trail)
		return
	}
	p.line(heading(it) + " {")
	p.trail(b.Open)
	p.indent++
	p.items(b.Items)
	p.comments(b.Foot, len(b.Items) > 0)
	p.indent--
	p.line("}")
	p.trail(n.Trail)
}

// bodyOf returns the block of an item that has one.
func bodyOf(it Item) *Block {
	switch it := it.(type) {
	case *Norm:
		return &it.Body
	case *ModeItem:
		return &it.Body
	case *BackwardItem:
		return &it.Body
	case *GenItem:
		return &it.Body
	}
	return nil
}

func heading(it Item) string {
	switch it := it.(type) {
	case *Norm:
		return "norm " + it.Name.Text + knobList(it.Knobs)
	case *ModeItem:
		return "mode " + it.Name.Text
	case *BackwardItem:
		approximate := ""
		if it.Approximate {
			approximate = "approximate "
		}
		return "backward " + approximate + "(" + nameList(it.Cotangents) + ")"
	}
	g := it.(*GenItem)
	return "gen " + g.Norm.Text + knobList(g.Knobs) + asText(g.As)
}

// oneLine prints a gen, or a mode or backward of one item, on one line if it
// fits and holds no comments.
func (p *printer) oneLine(it Item, b *Block) (string, bool) {
	_, gen := it.(*GenItem)
	if isNorm(it) || b.Open != nil || len(b.Foot) > 0 || !gen && len(b.Items) != 1 {
		return "", false
	}
	var parts []string
	for _, inner := range b.Items {
		if bodyOf(inner) != nil || hasComments(inner) {
			return "", false
		}
		parts = append(parts, word(inner)+" "+strings.Join(cells(inner), ", "))
	}
	text := heading(it) + " { " + strings.Join(parts, "; ") + " }"
	if len(parts) == 0 {
		text = heading(it) + " {}"
	}
	fits := p.indent*2+columns(text) <= maxColumn && !strings.Contains(text, "\n")
	return text, fits
}

func hasComments(it Item) bool {
	n := it.node()
	if len(n.Lead) > 0 || n.Trail != nil {
		return true
	}
	for _, t := range trails(it) {
		if *t.trail != nil {
			return true
		}
	}
	return false
}
