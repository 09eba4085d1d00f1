package dsl

import "strings"

// items prints the items of a block in runs. The words of a run share a
// column; a blank line, a block and an item of several lines end a run.
func (p *printer) items(items []Item) {
	var run []layoutItem
	flush := func() {
		p.run(run)
		run = nil
	}
	for i, it := range items {
		blank := it.node().Blank && i > 0
		if blank || bodyOf(it) != nil {
			flush()
		}
		if blank {
			p.line("")
		}
		if bodyOf(it) != nil {
			p.block(it)
			continue
		}
		l := p.layout(it)
		run = append(run, l)
		if l.lines > 1 {
			flush()
		}
	}
	flush()
}

// A layoutItem is an item with its parts as text.
type layoutItem struct {
	item  Item
	word  string
	parts []string
	split bool // one part a line
	lines int
}

// layout decides whether an item is split. The decision does not depend on the
// neighbours, so that aligning words cannot change it.
func (p *printer) layout(it Item) layoutItem {
	l := layoutItem{item: it, word: word(it), parts: cells(it), lines: 1}
	text := strings.Join(l.parts, ", ")
	l.split = p.indent*2+len("backward ")+columns(text) > maxColumn || strings.Contains(text, "\n")
	for _, t := range trails(it) {
		l.split = l.split || *t.trail != nil
	}
	l.split = l.split && len(l.parts) > 1
	if l.split {
		l.lines = len(l.parts)
	}
	l.lines += strings.Count(text, "\n")
	return l
}

// run prints items whose words share a column.
func (p *printer) run(run []layoutItem) {
	width := 0
	for _, l := range run {
		width = max(width, len(l.word))
	}
	alignEquals(run)
	for _, l := range run {
		p.item(l, width)
	}
}

func (p *printer) item(l layoutItem, width int) {
	p.lead(l.item.node())
	if !l.split {
		l.parts = []string{strings.Join(l.parts, ", ")}
	}
	marks := trails(l.item)
	for i, part := range l.parts {
		prefix := pad(l.word, width) + " "
		if i > 0 {
			prefix = strings.Repeat(" ", width+1)
		}
		last := i == len(l.parts)-1
		if !last {
			part += ","
		}
		p.line(prefix + strings.ReplaceAll(part, "\n", "\n"+strings.Repeat(" ", width+3)))
		if !last && i < len(marks) {
			p.trail(*marks[i].trail)
		}
	}
	p.trail(l.item.node().Trail)
}

// alignEquals aligns the equal signs of neighbouring lets and stats that have
// one binding a line.
func alignEquals(run []layoutItem) {
	for i := 0; i < len(run); {
		end, width := i, 0
		for ; end < len(run) && run[end].aligned(); end++ {
			for _, b := range run[end].item.(*Equations).Bindings {
				width = max(width, len(target(b)))
			}
		}
		for _, l := range run[i:end] {
			for j, b := range l.item.(*Equations).Bindings {
				l.parts[j] = pad(target(b), width) + strings.TrimPrefix(l.parts[j], target(b))
			}
		}
		i = max(end, i+1)
	}
}

func (l layoutItem) aligned() bool {
	e, ok := l.item.(*Equations)
	return ok && (e.Kind == LetEquation || e.Kind == StatEquation) && (l.split || len(l.parts) == 1)
}

// target is the left side of a binding.
func target(b *Binding) string {
	if b.Axes == nil {
		return b.Name.Text
	}
	return b.Name.Text + bracketText(b.Axes)
}

// cells prints the parts of an item that commas separate.
func cells(it Item) (parts []string) {
	switch it := it.(type) {
	case *AxisItem:
		for _, d := range it.Defs {
			parts = append(parts, d.Name.Text+" = "+factorText(d.Factors))
		}
	case *Declare:
		parts = bindingTexts(it.Bindings, " = ")
	case *Equations:
		sign := " = "
		if it.Kind == UpdateEquation {
			sign = " := "
		}
		parts = bindingTexts(it.Bindings, sign)
	case *RequireItem:
		parts = bindingTexts(it.Conds, "")
	case *ReduceClause:
		parts = []string{nameList(it.Axes)}
	case *ShiftClause:
		parts = []string{it.By.Text}
	case *ScaleClause:
		parts = []string{termText(it.X)}
	case *RunningClause:
		parts = []string{runningText(it)}
	case *AffineClause:
		for _, s := range it.Steps {
			parts = append(parts, stepText(s))
		}
	case *UseItem:
		parts = useCells(it)
	default:
		parts = fieldCells(it)
	}
	return parts
}

func useCells(it *UseItem) (parts []string) {
	for _, u := range it.Norms {
		parts = append(parts, u.Name.Text+knobList(u.Knobs)+asText(u.As))
	}
	parts[len(parts)-1] += " from " + it.From.Text
	return parts
}

func asText(as *Name) string {
	if as == nil {
		return ""
	}
	return " as " + as.Text
}

func fieldCells(it Item) (parts []string) {
	switch it := it.(type) {
	case *ShapeField:
		parts = []string{it.Axis.Text + " = " + nameList(it.Sizes)}
	case *WordsField:
		parts = []string{nameList(it.Words)}
	case *LayoutField:
		for _, b := range it.Brackets {
			parts = append(parts, bracketText(b))
		}
	}
	return parts
}

func bindingTexts(list []*Binding, sign string) (parts []string) {
	for _, b := range list {
		parts = append(parts, bindingText(b, sign))
	}
	return parts
}

func bindingText(b *Binding, sign string) string {
	text := target(b)
	if b.Init != nil {
		text += sign + termText(b.Init)
	}
	if b.Where != nil {
		text += " where " + termText(b.Where)
	}
	return text
}

func runningText(it *RunningClause) string {
	var stats []string
	for _, s := range it.Stats {
		text := s.Name.Text
		if s.Unbiased {
			text = "unbiased " + text
		}
		stats = append(stats, text)
	}
	how := " cumulative"
	if it.Rate != nil {
		how = " ema " + termText(it.Rate)
	}
	return strings.Join(stats, ", ") + how
}

func stepText(s *AffineStep) string {
	sign := "* "
	if s.Add {
		sign = "+ "
	}
	text := bindingText(s.Param, " = ")
	if s.Bias != nil {
		text = "(" + s.Bias.Text + " + " + text + ")"
	}
	return sign + text
}

func factorText(factors []Factor) string {
	var list []string
	for _, f := range factors {
		list = append(list, f.Text)
	}
	return strings.Join(list, "*")
}

func knobList(knobs []*Binding) string {
	if len(knobs) == 0 {
		return ""
	}
	return "(" + strings.Join(bindingTexts(knobs, " = "), ", ") + ")"
}

func nameList(names []Name) string {
	var list []string
	for _, n := range names {
		list = append(list, n.Text)
	}
	return strings.Join(list, ", ")
}

func bracketText(b *Bracket) string {
	var list []string
	for _, a := range b.Axes {
		text := a.Text
		if a.Dots {
			text += "..."
		}
		list = append(list, text)
	}
	return "[" + strings.Join(list, ", ") + "]"
}
