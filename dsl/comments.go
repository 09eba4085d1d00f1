package dsl

// attach hangs every comment on the item it belongs to. A comment behind an
// item or binding, on its last line, trails it. Any other one leads the next
// item, or is the foot of its block. A comment inside an expression moves in
// front of the item: it is kept, and formatting twice moves nothing further.
func attach(f *File, comments []Comment) {
	a := &attacher{comments: comments}
	a.items(f.Items, endOfFile)
	f.Foot = a.until(endOfFile)
}

var endOfFile = Pos{Line: maxFile + 2}

// An attacher walks items and comments together, both in source order.
type attacher struct {
	comments []Comment
	line     int // of the last thing seen
}

// until takes the comments before p.
func (a *attacher) until(p Pos) (list []Comment) {
	n := 0
	for ; n < len(a.comments) && a.comments[n].Pos.Before(p); n++ {
		c := &a.comments[n]
		c.Blank = c.Pos.Line-a.line > 1
		a.line = c.Pos.Line
	}
	list, a.comments = a.comments[:n:n], a.comments[n:]
	return list
}

// trailing takes the comment on the given line before p, if there is one.
func (a *attacher) trailing(line int, p Pos) *Comment {
	a.line = line
	if len(a.comments) == 0 || a.comments[0].Pos.Line != line || !a.comments[0].Pos.Before(p) {
		return nil
	}
	c := a.comments[0]
	a.comments = a.comments[1:]
	return &c
}

// items attaches the comments of a list of items that ends at end.
func (a *attacher) items(items []Item, end Pos) {
	for i, it := range items {
		n, next := it.node(), end
		if i+1 < len(items) {
			next = items[i+1].Extent().Pos
		}
		first := n.Pos.Line
		if len(a.comments) > 0 && a.comments[0].Pos.Before(n.Pos) {
			first = a.comments[0].Pos.Line
		}
		n.Blank = i > 0 && first-a.line > 1
		n.Lead = a.until(n.Pos)
		n.Gap = len(n.Lead) > 0 && n.Pos.Line-a.line > 1
		a.line = endOfFile.Line // what moves out of the item has no blank lines
		a.inside(it)
		n.Trail = a.trailing(n.End.Line, next)
	}
}

// inside attaches the comments between an item's first and last token.
func (a *attacher) inside(it Item) {
	switch it := it.(type) {
	case *Norm:
		a.block(&it.ItemNode, &it.Body)
	case *ModeItem:
		a.block(&it.ItemNode, &it.Body)
	case *BackwardItem:
		a.block(&it.ItemNode, &it.Body)
	case *GenItem:
		a.block(&it.ItemNode, &it.Body)
	default:
		a.parts(it)
	}
}

func (a *attacher) block(n *ItemNode, b *Block) {
	n.Lead = append(n.Lead, a.until(b.Lbrace)...)
	first := b.Rbrace
	if len(b.Items) > 0 {
		first = b.Items[0].Extent().Pos
	}
	b.Open = a.trailing(b.Lbrace.Line, first)
	a.items(b.Items, b.Rbrace)
	b.Foot = a.until(b.Rbrace)
}

// parts attaches the comments inside an item that is a list of bindings.
func (a *attacher) parts(it Item) {
	n := it.node()
	for _, p := range trails(it) {
		n.Lead = append(n.Lead, a.until(p.end)...)
		*p.trail = a.trailing(p.end.Line, n.End)
	}
	n.Lead = append(n.Lead, a.until(n.End)...)
}

// A trailer is the place for a comment behind a part of an item.
type trailer struct {
	end   Pos
	trail **Comment
}

// trails lists the parts of an item that may be followed by a comment; the
// last part is not among them, its comment trails the item.
func trails(it Item) (list []trailer) {
	switch it := it.(type) {
	case *Declare:
		list = bindingTrails(it.Bindings)
	case *Equations:
		list = bindingTrails(it.Bindings)
	case *RequireItem:
		list = bindingTrails(it.Conds)
	case *AxisItem:
		for _, d := range it.Defs {
			list = append(list, trailer{d.End, &d.Trail})
		}
	case *UseItem:
		for _, u := range it.Norms {
			list = append(list, trailer{u.End, &u.Trail})
		}
	case *AffineClause:
		for _, s := range it.Steps {
			list = append(list, trailer{s.Param.End, &s.Param.Trail})
		}
	}
	return list[:max(0, len(list)-1)]
}

func bindingTrails(bindings []*Binding) (list []trailer) {
	for _, b := range bindings {
		list = append(list, trailer{b.End, &b.Trail})
	}
	return list
}
