package vectors

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Route says how a case is driven through a layer: which one, with which
// knobs, and what the layer calls the case's dims and tensors. A case may have
// several: one for each layer that it is a case of.
type Route struct {
	Spec  string // of testdata, without its suffix
	Layer string // as its gen item names it
	Knobs map[string]float64

	// Dims names the dims of x in the order of the case, "N C S...", by the axes
	// of the layer. Dots take all dims that the other words leave, none too. Dims
	// of one name are one axis, outermost first; K=1 is an axis without a dim.
	Dims string

	// Apart says that sets that lie together in the case do not in the layer.
	Apart bool

	Names   map[string]string  // the layer's name of a tensor, where it is another
	Derived map[string]Derived // what follows from a statistic
	Inner   []string           // values inside the layer, which it does not expose
	Also    map[string]string  // further results, and the wanted tensor each equals

	attrs knobs
}

// Derived is a function of a statistic.
type Derived struct {
	Of string
	By func(stat, eps float64) float64
}

// Name is the layer's name of what the case calls name.
func (r Route) Name(name string) string {
	if n, ok := r.Names[name]; ok {
		return n
	}
	return name
}

func (r Route) String() string { return r.Spec + "." + r.Layer }

// A Dim is one dim of x, under the name of the axis it belongs to.
type Dim struct {
	Axis string
	Size int
}

// Shape gives the dims of a tensor their axes. It fails if there are too few.
func (r Route) Shape(shape []int) ([]Dim, error) {
	words := strings.Fields(r.Dims)
	own := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return strings.Contains(w, "=") || strings.HasSuffix(w, "...") })
	rest := len(shape) - len(own)
	if rest < 0 || rest > 0 && !strings.Contains(r.Dims, "...") {
		return nil, fmt.Errorf("vectors: shape %v is not %q", shape, r.Dims)
	}
	var dims []Dim
	for _, w := range words {
		switch axis, open := strings.CutSuffix(w, "..."); {
		case strings.HasSuffix(w, "=1"):
			dims = append(dims, Dim{strings.TrimSuffix(w, "=1"), 1})
		case open:
			dims = append(dims, Dim{axis, size(shape[:rest])})
			shape = shape[rest:]
		default:
			dims = append(dims, Dim{axis, shape[0]})
			shape = shape[1:]
		}
	}
	return dims, nil
}

// Sizes multiplies the dims of each axis.
func Sizes(dims []Dim) map[string]int {
	sizes := map[string]int{}
	for _, d := range dims {
		sizes[d.Axis] = max(1, sizes[d.Axis]) * d.Size
	}
	return sizes
}

// Arrange lays data out over the axes of order, outermost first, given its dims
// in their order. Back is its inverse.
func Arrange(data []float64, dims []Dim, order []string) []float64 {
	return permute(Tensor{shapeOf(dims), data, false}, placed(dims, order)).Data
}

// Back lays data out over dims that lies over the axes of order.
func Back(data []float64, dims []Dim, order []string) []float64 {
	p := placed(dims, order)
	moved, back := make([]Dim, len(p)), make([]int, len(p))
	for to, from := range p {
		moved[to], back[from] = dims[from], to
	}
	return permute(Tensor{shapeOf(moved), data, false}, back).Data
}

func shapeOf(dims []Dim) []int {
	var out []int
	for _, d := range dims {
		out = append(out, d.Size)
	}
	return out
}

// placed lists the positions of dims, axis by axis.
func placed(dims []Dim, order []string) []int {
	var out []int
	for _, axis := range order {
		for i, d := range dims {
			if d.Axis == axis {
				out = append(out, i)
			}
		}
	}
	return out
}

// rootOver is 1/sqrt(x + eps).
func rootOver(x, eps float64) float64 { return 1 / math.Sqrt(x+eps) }

// rootOutside is 1/(sqrt(x) + eps).
func rootOutside(x, eps float64) float64 { return 1 / (math.Sqrt(x) + eps) }

func root(x, _ float64) float64 { return math.Sqrt(x) }
