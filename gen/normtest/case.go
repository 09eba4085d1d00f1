package normtest

import (
	"encoding/binary"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/guard"
)

// A Case is what one run of a fuzz target is made of. Every value is one: rows and
// columns are taken modulo some hundred, and choices are read in digits.
type Case struct {
	Seed       uint64 // of all numbers
	Rows, Cols uint16
	Choices    uint64
	Bits       []byte // of float32 numbers that replace some of the inputs
}

// Seeds are where fuzzing starts, and what go test runs: every kind of numbers,
// masks, places and modes, around the sizes where loops change, and special values.
var Seeds = func() []Case {
	var out []Case
	shapes := [][2]uint16{{4, 8}, {1, 0}, {33, 16}, {2, 63}, {7, 64}, {3, 129}, {40, 3}, {0, 5}, {5, 255}, {2, 256}, {65, 31}, {34, 17}}
	for i, s := range shapes {
		for k := range uint64(2) {
			out = append(out, Case{uint64(i), s[0], s[1], uint64(i)*0x9e3779b97f4a7c15>>k ^ k<<40, nil})
		}
	}
	for i, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 3e38, 1e20, 1e-45, 1e-38} {
		var bits []byte
		for range 1 + i%3 {
			bits = binary.LittleEndian.AppendUint32(bits, math.Float32bits(float32(v)))
		}
		out = append(out, Case{uint64(i), 5, uint16(10 + 9*i), uint64(i) * 0xd1342543de82ef95, bits})
	}
	return out
}()

// choices reads digits off a number.
type choices uint64

func (c *choices) next(n int) int {
	d := uint64(*c) % uint64(n)
	*c = choices(uint64(*c) / uint64(n))
	return int(d)
}

// A plot is a case as it was chosen for a norm.
type plot struct {
	random  *rand.Rand
	sizes   []int
	rows    int
	fill    string
	masks   [2]string
	apart   int
	place   guard.Place
	workers int
	first   int // step
	frozen  bool
	alias   int
	bits    []float32
	more    int // which of the slower comparisons follow
}

func (t *target) plot(c Case) plot {
	u, ch := t.Unit, choices(c.Choices)
	cols := 1 + int(c.Cols)%300
	rows := int(c.Rows) % 70
	rows = min(rows, max(1, 4096/cols))
	if OneRow(u) {
		rows = 1
	}
	p := plot{random: rand.New(rand.NewPCG(c.Seed, 1)), rows: rows}
	p.sizes = RandomSizes(u, p.random, rows, cols)
	p.fill = slices.Sorted(maps.Keys(Fills))[ch.next(len(Fills))]
	kinds := []string{"all", "random", "holes", "nothing"}
	p.masks = [2]string{kinds[ch.next(4)], kinds[ch.next(4)]}
	p.apart = []int{0, 0, 1, 5}[ch.next(4)]
	p.place = []guard.Place{guard.AtEnd, guard.AtStart, guard.Offset(4 * ch.next(16))}[ch.next(3)]
	p.workers = 1 + ch.next(3)
	p.frozen = ch.next(4) == 3
	p.alias = ch.next(3)
	steps := t.steps()
	p.first = steps[ch.next(len(steps))]
	p.more = ch.next(4)
	for b := c.Bits; len(b) >= 4 && len(p.bits) < 64; b = b[4:] {
		p.bits = append(p.bits, math.Float32frombits(binary.LittleEndian.Uint32(b)))
	}
	return p
}

// steps are those around which a layer may change what it does: where a knob says.
func (t *target) steps() []int {
	out := []int{1, 2}
	for _, k := range t.Unit.Layer.Knobs {
		if n := int(k.Default); k.Default == float64(n) && n > 2 && n < 1<<30 {
			out = append(out, n-1, n, n+1)
		}
	}
	return out
}

// sample draws a step's numbers; the bits of the case replace some of them.
func sampleOf[T runtime.Float](t *target, p plot, mask string) Sample[T] {
	s := NewSample[T](t.Unit, p.random, p.sizes, p.fill, Masks(p.rows)[mask])
	for i, v := range p.bits {
		l := t.Unit.Layer.Inputs[i%len(t.Unit.Layer.Inputs)]
		if i%4 == 3 {
			l = t.Unit.Layer.Outputs[0]
		}
		if x := s.Tensor[l]; len(x) > 0 {
			x[p.random.IntN(len(x))] = T(v)
		}
	}
	return s
}

// settle gives parameters and states numbers that they may have, and none that
// they start with.
func settle[T runtime.Float](tb testing.TB, r *Rig[T], p plot) {
	g := rand.New(rand.NewPCG(p.random.Uint64(), 2))
	for _, v := range r.Params() {
		for j := range v.Data {
			v.Data[j] = T(float32(1 + 0.5*g.NormFloat64()))
		}
	}
	for i, v := range r.State() {
		low := r.Unit.Layer.States[i].Min
		for j := range v.Data {
			v.Data[j] = T(float32(g.NormFloat64()))
			if low != nil {
				v.Data[j] = T(float32(*low + 0.1 + math.Abs(g.NormFloat64())))
			}
		}
	}
	if err := r.SetStep(p.first); err != nil {
		tb.Fatal(err)
	}
	if p.frozen {
		r.SetMode(runtime.Frozen)
	}
}

// twin makes another rig with the parameters, states, step and mode of r: what a
// checkpoint holds.
func twin[T runtime.Float](tb testing.TB, n Norm, r *Rig[T], p plot, isa runtime.ISA, knobs map[string]float64) *Rig[T] {
	tb.Helper()
	out := RigOf[T](tb, n, p.sizes, knobs, isa)
	for i, v := range r.Params() {
		copy(out.Params()[i].Data, v.Data)
	}
	for i, v := range r.State() {
		copy(out.State()[i].Data, v.Data)
	}
	if err := out.SetStep(r.Step()); err != nil {
		tb.Fatal(err)
	}
	if p.frozen {
		out.SetMode(runtime.Frozen)
	}
	return out
}
