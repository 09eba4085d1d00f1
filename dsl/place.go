package dsl

// place reports items that stand where they have no meaning. The parser
// accepts any item anywhere, so that the message can say where it belongs.
func (c *normCheck) place(items []Item) {
	for _, it := range items {
		switch it := it.(type) {
		case *ModeItem:
			c.placeMode(it)
		case *BackwardItem:
			c.placeBackward(it, "")
		case *Equations:
			c.placeEquations(it, "", false)
		}
	}
}

func (c *normCheck) placeMode(it *ModeItem) {
	if it.Name.Text != modeNames[0] && it.Name.Text != modeNames[1] {
		d := c.errorf(codeMode, it.Name.Extent(), "the modes are train and eval, %q is not one", it.Name.Text)
		if it.Name.Text == "frozen" {
			d.help("frozen is eval with its backward and needs no items of its own")
		} else if near := nearestOf(it.Name.Text, modeNames); near != "" {
			d.help("did you mean %q?", near)
		}
	}
	for _, inner := range it.Body.Items {
		switch inner := inner.(type) {
		case *Equations:
			c.placeEquations(inner, it.Name.Text, false)
		case *BackwardItem:
			c.placeBackward(inner, it.Name.Text)
		case *RequireItem:
		default:
			c.misplaced(inner, "a mode")
		}
	}
}

func (c *normCheck) placeBackward(it *BackwardItem, mode string) {
	for _, inner := range it.Body.Items {
		e, ok := inner.(*Equations)
		if !ok || e.Kind == OutEquation {
			c.misplaced(inner, "a backward")
			continue
		}
		c.placeEquations(e, mode, true)
	}
}

func (c *normCheck) placeEquations(it *Equations, mode string, backward bool) {
	at := head(it, it.Kind.String())
	switch {
	case it.Kind == UpdateEquation && mode != modeNames[0]:
		where := "here it would also run in mode eval"
		if mode != "" {
			where = "this one is in mode " + mode
		}
		c.errorf(codeUpdatePlace, at, "a state is updated in mode train only, %s", where).
			help("mode train { update ... }")
	case it.Kind == GradEquation && !backward:
		c.errorf(codeGradPlace, at, "a gradient is declared in a backward, this is outside").
			help("backward (dy) { grad x = ... }")
	}
}

var itemNames = map[SymbolKind]string{InputSymbol: "in", MaskSymbol: "mask", ParamSymbol: "param", StateSymbol: "state"}

// word is the reserved word that an item starts with.
func word(it Item) string {
	switch it := it.(type) {
	case *Norm:
		return "norm"
	case *GenItem:
		return "gen"
	case *UseItem:
		return "use"
	case *AxisItem:
		return "axis"
	case *Declare:
		return itemNames[it.Kind]
	case *Equations:
		return it.Kind.String()
	case *RequireItem:
		return "require"
	case *ModeItem:
		return "mode"
	case *BackwardItem:
		return "backward"
	case *ReduceClause:
		return "reduce"
	case *ShiftClause:
		return "shift"
	case *ScaleClause:
		return "scale"
	case *RunningClause:
		return "running"
	case *AffineClause:
		return "affine"
	case *ShapeField:
		return "shape"
	case *WordsField:
		return it.Word.Text
	}
	return "layout"
}

func (c *normCheck) misplaced(it Item, where string) {
	w := word(it)
	belongs := "the body of the norm"
	if w == "out" || w == "require" {
		belongs = "the body of the norm or a mode"
	}
	c.errorf(codePlace, head(it, w), "the item %q stands in %s, this is %s", w, belongs, where)
}
