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

// lane returns the factor of the lowest lane of w. The difference is negative, its
// top bit set, if the element is dropped; a branch would be mispredicted.
func lane[T runtime.Float](w, threshold uint64, factor *[2]T) T {
	return factor[^(w&laneMask-threshold)>>63]
}

// row sets dst to what is left of src, as row number row. dst may be src.
func (d *dropper[T]) row(dst, src []T, row int) {
	n := len(src)
	dst = dst[:n]
	threshold, factor := d.threshold, d.factor
	// Group g of a row has word key + g*golden; a row has as many as its elements need.
	key := d.key + uint64(row)*uint64((n+lanes-1)/lanes)*golden
	j := 0
	for ; j < n-lanes+1; j += lanes {
		w := mix(key)
		key += golden
		x, y := src[j:][:lanes:lanes], dst[j:][:lanes:lanes]
		y[0] = x[0] * lane(w, threshold, &factor)
		y[1] = x[1] * lane(w>>laneBits, threshold, &factor)
		y[2] = x[2] * lane(w>>(2*laneBits), threshold, &factor)
		y[3] = x[3] * lane(w>>(3*laneBits), threshold, &factor)
	}
	for w := mix(key); j < n; j++ {
		dst[j] = src[j] * lane(w, threshold, &factor)
		w >>= laneBits
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
