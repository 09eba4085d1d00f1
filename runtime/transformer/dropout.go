package transformer

import (
	"math"

	"github.com/normgen/normgen/runtime"
)

// A dropper is one place of a model where elements are dropped. Whether an element
// is depends on the seed, the training pass, the place, and the element's row and
// column: on nothing that ran before, so that a backward drops the same again.
type dropper[T runtime.Float] struct {
	place     uint64
	threshold uint64 // of 1<<16: the probability, to the nearest
	factor    [2]T   // of dropped and of kept elements
	on        bool   // in training, if anything is dropped
	key       uint64 // of the pass
}

const (
	laneBits = 16
	lanes    = 64 / laneBits // elements that share a random word
	laneMask = 1<<laneBits - 1
)

func newDropper[T runtime.Float](place int, p float64) *dropper[T] {
	t := uint64(math.Round(p * (1 << laneBits)))
	t = min(t, laneMask)
	keep := 1 - float64(t)/(1<<laneBits)
	return &dropper[T]{place: uint64(place), threshold: t, factor: [2]T{0, T(1 / keep)}}
}

// begin starts a pass.
func (d *dropper[T]) begin(seed uint64, p *passOf[T]) {
	if d.on = p != nil && d.threshold > 0; d.on {
		d.key = mix(mix(mix(seed)+p.draw) + d.place)
	}
}

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood 2014): a bijection of
// words that leaves no trace of their order.
func mix(z uint64) uint64 {
	z += golden
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// golden is 2^64 over the golden ratio, the step of SplitMix64.
const golden = 0x9e3779b97f4a7c15

// word returns the random lanes of group g of a row.
func (d *dropper[T]) word(row, groups, g int) uint64 {
	return mix(d.key + uint64(row*groups+g)*golden)
}

// of returns the factor of a lane. The difference is negative, its top bit set, if
// the element is dropped; a branch would be mispredicted.
func (d *dropper[T]) of(lane uint64) T {
	return d.factor[^(lane&laneMask-d.threshold)>>63]
}

// row sets dst to what is left of src, as row number row. dst may be src.
func (d *dropper[T]) row(dst, src []T, row int) {
	n := len(src)
	dst = dst[:n]
	groups := (n + lanes - 1) / lanes
	for g := range n / lanes {
		w := d.word(row, groups, g)
		x, y := src[g*lanes:][:lanes:lanes], dst[g*lanes:][:lanes:lanes]
		y[0] = x[0] * d.of(w)
		y[1] = x[1] * d.of(w>>laneBits)
		y[2] = x[2] * d.of(w>>(2*laneBits))
		y[3] = x[3] * d.of(w>>(3*laneBits))
	}
	if done := n / lanes * lanes; done < n {
		w := d.word(row, groups, groups-1)
		for j := done; j < n; j++ {
			dst[j] = src[j] * d.of(w)
			w >>= laneBits
		}
	}
}

// dropTask sets y to what d leaves of x, plus add if there is one. Views may be
// the same.
type dropTask[T runtime.Float] struct {
	d         *dropper[T]
	y, x, add runtime.ViewOf[T]
}

func (t *dropTask[T]) part(_, i int) {
	lo, hi := rowSpan(i, t.y.Rows)
	for r := lo; r < hi; r++ {
		y, x := t.y.Row(r), t.x.Row(r)
		if t.d.on {
			t.d.row(y, x, r)
		} else {
			copy(y, x)
		}
		if t.add.Data != nil {
			for j, a := range t.add.Row(r)[:len(y)] {
				y[j] += a
			}
		}
	}
}

// drop sets y to what d leaves of x.
func (m *machine[T]) drop(d *dropper[T], y, x runtime.ViewOf[T]) {
	m.dropAdd(d, y, x, runtime.ViewOf[T]{})
}

// dropAdd sets y to what d leaves of x, plus add; x may be y, add may not.
func (m *machine[T]) dropAdd(d *dropper[T], y, x, add runtime.ViewOf[T]) {
	m.drops = dropTask[T]{d, y, x, add}
	m.crew.run(&m.drops, rowParts(y.Rows))
}
