package dsl

// warnings reports what the norm declares and never reads.
func (c *normCheck) warnings() {
	if c.failed() {
		return
	}
	for _, b := range c.norm.Knobs {
		c.unused(b, codeUnusedKnob, "a knob changes something, %q is not used")
	}
	c.unusedIn(c.items)
	for _, m := range c.core.Masks {
		if !c.masked[m] {
			c.warnf(codeUnusedMask, Name{m.Name, m.Pos}.Extent(), "a mask selects the elements of a reduction, no reduction uses %q", m.Name).
				help("write for example mean<%s | %s>(...)", c.core.Axes[m.Axes[0]].Name, m.Name)
		}
	}
}

func (c *normCheck) unusedIn(items []Item) {
	for _, it := range items {
		switch it := it.(type) {
		case *Declare:
			for _, b := range it.Bindings {
				c.unusedDeclaration(it.Kind, b)
			}
		case *Equations:
			for _, b := range it.Bindings {
				if it.Kind == LetEquation {
					c.unused(b, codeUnusedLet, "a let is read, %q is not used")
				}
			}
		case *ModeItem:
			c.unusedIn(it.Body.Items)
		case *BackwardItem:
			c.unusedIn(it.Body.Items)
		}
	}
}

func (c *normCheck) unusedDeclaration(kind SymbolKind, b *Binding) {
	switch kind {
	case InputSymbol:
		c.unused(b, codeUnusedInput, "an input is read, %q is not used")
	case ParamSymbol:
		c.unused(b, codeUnusedParam, "a parameter is read, %q is not used")
	case StateSymbol:
		c.unused(b, codeUnusedState, "a state is read, %q is only written")
	}
}

func (c *normCheck) unused(b *Binding, code Code, format string) {
	if !c.used[b] && !b.auto {
		c.warnf(code, b.Name.Extent(), format, b.Name.Text)
	}
}
