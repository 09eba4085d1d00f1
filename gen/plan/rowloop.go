package plan

import "github.com/normgen/normgen/gen/ir"

// A RowLoop is a sweep over the rows of a block, scalars included: what a back
// end of vector instructions writes as one function. It may compute several rows
// at once, but enters rows into sums in their order.
type RowLoop struct {
	Kernel *Kernel
	Phases []RowPhase
	Params []RowParam // of the function, after the numbers of elements and rows
}

// A RowPhase is a phase and the part of its body that something is done with.
type RowPhase struct {
	*Phase
	Elements []*ir.Value // in dependency order
}

// RowParamKind says what a parameter of a row loop is.
type RowParamKind uint8

const (
	ReadTensor  RowParamKind = iota // elements of the first row; its stride follows
	WriteTensor                     // likewise
	ReadColumns                     // a slice as long as a row
	AddColumns                      // one that Value's elements are added to, row by row
	ReadRows                        // a slice with one element for each row
	SaveRows                        // one that Value is stored to
	Single                          // a float32, the same for all rows
	Double                          // a float64, likewise
)

// A RowParam is a parameter of a row loop.
type RowParam struct {
	Kind  RowParamKind
	Name  string
	Value *ir.Value // stripped; of AddColumns the sum
	Leaf  *ir.Leaf  // of WriteTensor
}

// Tensor reports whether a stride follows the parameter.
func (p RowParam) Tensor() bool { return p.Kind <= WriteTensor }

// Pointer reports whether the parameter is a slice.
func (p RowParam) Pointer() bool { return p.Kind <= SaveRows }

// Moments reports whether the loop takes moments, whose shift is the mean of
// [RowShift] elements: rows must have as many.
func (l *RowLoop) Moments() bool {
	for _, ph := range l.Phases {
		if len(ph.RowMoments) > 0 {
			return true
		}
	}
	return false
}

// Stores reports whether the loop writes tensors.
func (l *RowLoop) Stores() bool {
	for _, p := range l.Params {
		if p.Kind == WriteTensor {
			return true
		}
	}
	return false
}

// HasElements reports whether the phase has a loop over elements.
func (ph RowPhase) HasElements() bool { return !ph.scalar() }

// Roots lists the values of elements that are summed or stored.
func (ph RowPhase) Roots() []*ir.Value { return ph.roots() }

// Reads lists what the elements read and do not compute, constants apart.
func (ph RowPhase) Reads() []*ir.Value {
	seen := map[*ir.Value]bool{}
	for _, v := range ph.Elements {
		seen[v] = true
	}
	var out []*ir.Value
	read := func(v *ir.Value) {
		if v = Strip(v); !seen[v] && v.Op != ir.Const {
			seen[v] = true
			out = append(out, v)
		}
	}
	for _, v := range ph.Elements {
		for _, a := range v.Args {
			read(a)
		}
	}
	for _, r := range ph.roots() {
		read(r)
	}
	return out
}
