package dsl

import "io/fs"

// A File is a parsed spec. It keeps everything but blanks: comments hang on
// the items they belong to, parentheses are nodes, numbers keep their digits.
type File struct {
	Name  string
	Items []Item    // *Norm, *GenItem and *UseItem
	Foot  []Comment // comments after the last item

	source  *source
	words   int   // how many words and signs it has
	library fs.FS // that it was linked with
}

// An Item is a piece of a block: a [Norm], [GenItem] or [UseItem] of a file; an
// [AxisItem], [Declare], [Equations], [ModeItem], [BackwardItem] or a clause
// ([ReduceClause], [ShiftClause], [ScaleClause], [RunningClause],
// [AffineClause]) of a norm; a [ShapeField], [WordsField] or [LayoutField] of
// a gen.
type Item interface {
	Extent() Span
	node() *ItemNode
}

// ItemNode holds what every item has.
type ItemNode struct {
	Span
	Lead  []Comment // on lines of their own before the item
	Trail *Comment  // after the item, on its last line
	Blank bool      // a blank line before the item and its Lead
	Gap   bool      // a blank line between the Lead and the item
}

func (n *ItemNode) node() *ItemNode { return n }

// A Block is { ... }.
type Block struct {
	Lbrace, Rbrace Pos
	Open           *Comment // after the brace, on its line
	Items          []Item
	Foot           []Comment // before the closing brace
}

// A Name is an identifier where it is declared or listed.
type Name struct {
	Text string
	Pos  Pos
}

// Extent spans the name.
func (n Name) Extent() Span { return Span{n.Pos, n.Pos.right(len(n.Text))} }

// A Bracket lists axes:
//
//	[N, C, S...]
type Bracket struct {
	Span
	Axes []AxisName
}

// An AxisName is an axis in a bracket; Dots marks a variadic one.
type AxisName struct {
	Name
	Dots bool
}

// A Binding declares or defines one name:
//
//	gamma[C] = 1
//	psi2[C] = 1 where psi2 >= 0
//	nu := ema(nu, b, m)
type Binding struct {
	Span
	Name  Name
	Axes  *Bracket // nil: a scalar, or for let, out, update and grad inferred
	Init  Term     // the right side; nil if there is none
	Where Term     // states only
	Trail *Comment // after the binding, if another one follows

	// A clause declares its statistics and states on the axes that its
	// reduction leaves, which only the checker knows.
	left *ReduceClause
	auto bool // written by the expansion of a clause
}

type (
	// A Norm is
	//
	//	norm LayerNorm(eps = 1e-5) { ... }
	Norm struct {
		ItemNode
		Name  Name
		Knobs []*Binding
		Body  Block

		words int // how many words and signs it has
	}

	// An AxisItem declares split axes and axes of a fixed size:
	//
	//	axis C = K*D, S = 4
	AxisItem struct {
		ItemNode
		Defs []*AxisDef
	}

	// A Declare is
	//
	//	in    x[N..., C]
	//	mask  keep[N]
	//	param gamma[C] = 1, beta[C] = 0
	//	state psi2[C] = 1 where psi2 >= 0
	Declare struct {
		ItemNode
		Kind     SymbolKind // InputSymbol, MaskSymbol, ParamSymbol or StateSymbol
		Bindings []*Binding
	}

	// An Equations item is
	//
	//	let    xh = x * rsqrt(psi2 + eps)
	//	stat   b[C] = mean<N | keep>(x^2)
	//	out    y = gamma*xh + beta
	//	update psi2 := ema(psi2, b, 1 - alpha)
	//	grad   x = (g - nu*xh) * rsqrt(psi2 + eps)
	Equations struct {
		ItemNode
		Kind     EquationKind
		Bindings []*Binding
	}

	// A RequireItem lists conditions on sizes and knobs:
	//
	//	require size(S) > 1
	RequireItem struct {
		ItemNode
		Conds []*Binding // without names
	}

	// A ModeItem is
	//
	//	mode train { ... }
	ModeItem struct {
		ItemNode
		Name Name
		Body Block
	}

	// A BackwardItem is
	//
	//	backward approximate (dy) { ... }
	BackwardItem struct {
		ItemNode
		Approximate bool
		Cotangents  []Name
		Body        Block
	}

	// A ReduceClause is
	//
	//	reduce D, S
	ReduceClause struct {
		ItemNode
		Axes []Name
	}

	// A ShiftClause is
	//
	//	shift mean
	ShiftClause struct {
		ItemNode
		By Name // mean or none
	}

	// A ScaleClause divides by an expression of var, ms, std and norm:
	//
	//	scale sqrt(var + eps)
	ScaleClause struct {
		ItemNode
		X Term
	}

	// A RunningClause is
	//
	//	running mean, unbiased var ema momentum
	//	running ms cumulative
	RunningClause struct {
		ItemNode
		Stats []RunningStat
		Rate  Term // nil: cumulative
	}

	// An AffineClause is
	//
	//	affine * gamma[C] = 1, + beta[C] = 0
	//	affine * (1 + gamma[C] = 0)
	AffineClause struct {
		ItemNode
		Steps []*AffineStep
	}

	// A GenItem is
	//
	//	gen GroupNorm(G = 4) as GroupNorm4 { shape C = 64, any }
	GenItem struct {
		ItemNode
		Norm  Name
		Knobs []*Binding
		As    *Name
		Body  Block
	}

	// A UseItem takes norms from a library or from another file:
	//
	//	use Centred, Rooted(eps = 1e-6) as Rooted6 from "standard"
	UseItem struct {
		ItemNode
		Norms []*UsedNorm
		From  Name // with its quotes
	}

	// A ShapeField lists sizes of an axis:
	//
	//	shape C = 512, 768, any
	ShapeField struct {
		ItemNode
		Axis  Name
		Sizes []Name // digits, or any
	}

	// A WordsField is
	//
	//	dtype f32, f64
	//	target go, avx2, avx512
	//	arithmetic fast
	WordsField struct {
		ItemNode
		Word  Name // dtype, target or arithmetic
		Words []Name
	}

	// A LayoutField lists orders of the input's axes in memory:
	//
	//	layout [N, C, S...], [N, S..., C]
	LayoutField struct {
		ItemNode
		Brackets []*Bracket
	}
)

// An AxisDef is one axis of an [AxisItem].
type AxisDef struct {
	Span
	Name    Name
	Factors []Factor
	Trail   *Comment
}

// A Factor is a name or a size in K*D.
type Factor struct {
	Name
	Number bool
}

// A RunningStat is mean, var, ms or unbiased var.
type RunningStat struct {
	Unbiased bool
	Name     Name
}

// A UsedNorm is one norm of a [UseItem]: which, with which defaults of its
// knobs, and under which name.
type UsedNorm struct {
	Span
	Name  Name
	Knobs []*Binding
	As    *Name
	Trail *Comment // after it, if another one follows
}

// local is the name that the using file knows the norm by.
func (u *UsedNorm) local() Name {
	if u.As != nil {
		return *u.As
	}
	return u.Name
}

// An AffineStep multiplies by or adds a parameter.
type AffineStep struct {
	Add   bool
	Bias  *NumberTerm // the 1 of * (1 + gamma[C] = 0), or nil
	Param *Binding
}

// A Term is an expression as written: a [NumberTerm], [NameTerm], [GroupTerm],
// [PrefixTerm], [InfixTerm], [CallTerm], [FoldTerm] or [IfTerm]. The checker
// turns it into an [Expr].
type Term interface {
	Extent() Span
	term()
}

type (
	// NumberTerm is 1e-5.
	NumberTerm struct {
		Span
		Text string
	}
	// NameTerm is a use of a name.
	NameTerm struct {
		Span
		Name string
	}
	// GroupTerm is (x).
	GroupTerm struct {
		Span
		X Term
	}
	// PrefixTerm is -x or not c.
	PrefixTerm struct {
		Span
		Op UnaryOp
		X  Term
	}
	// InfixTerm is x op y.
	InfixTerm struct {
		Span
		Op     BinaryOp
		Layout Layout
		X, Y   Term
	}
	// CallTerm is rsqrt(x).
	CallTerm struct {
		Span
		Fn   Name
		Args []Term
	}
	// FoldTerm is mean<N | keep>(x).
	FoldTerm struct {
		Span
		Fn   Reduction
		Over []Name
		Mask *Name // keep or all
		X    Term

		clause bool // of a clause: the mask is found by the checker
	}
	// IfTerm is if c then x else y.
	IfTerm struct {
		Span
		Cond, Then, Else Term
		Break            [2]bool // a line end before then, before else
	}
)

func (*NumberTerm) term() {}
func (*NameTerm) term()   {}
func (*GroupTerm) term()  {}
func (*PrefixTerm) term() {}
func (*InfixTerm) term()  {}
func (*CallTerm) term()   {}
func (*FoldTerm) term()   {}
func (*IfTerm) term()     {}

// Layout is how an operator was written. It carries no meaning; the writer
// uses it to show structure, so the formatter keeps it.
type Layout uint8

const (
	Spaced Layout = iota // x + y
	Tight                // x*y
	Broken               // a line end beside the operator
)
