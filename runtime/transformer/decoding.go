package transformer

import (
	"github.com/normgen/normgen/runtime"
)

// A decoding is a search for the translations of some sequences. All live
// hypotheses have the same length: a step reads the last token of each. What
// attention needs of the tokens before is kept in caches, in a slot for each
// hypothesis.
type decoding[T runtime.Float] struct {
	m       *TranslatorOf[T]
	search  Search
	beams   []*beam
	live    []*beam // that are not done
	rows    []*hypothesis
	first   []int                     // of rows, by live beam; and the end
	caches  map[*selfAttention[T]][]T // by slot and position: keys and values of all heads
	picks   [][]pick                  // of rows: the most probable tokens
	scratch runtime.ViewOf[T]         // scores, by worker
	at      int                       // position that is read

	self  selfStep[T]
	cross crossStep[T]
	pick  pickStep[T]
}

func newDecoding[T runtime.Float](m *TranslatorOf[T], b *Batch, s Search) (*decoding[T], error) {
	for _, d := range m.droppers {
		d.begin(0, nil)
	}
	if err := m.encode(b, nil); err != nil {
		return nil, err
	}
	d := &decoding[T]{m: m, search: s, caches: map[*selfAttention[T]][]T{}}
	slots := b.Sequences * s.Beam
	for _, block := range m.decoder.blocks {
		switch l := block.layer.(type) {
		case *selfAttention[T]:
			d.caches[l] = make([]T, slots*(s.MaxLen+1)*2*l.inner)
		case *crossAttention[T]:
			l.kv.forward(l.keys.Slice(0, m.memory.x.Rows), m.memory.x)
		}
	}
	for i := range b.Sequences {
		d.beams = append(d.beams, newBeam(i, &d.search))
	}
	d.scratch = dense[T](m.crew.pool.Workers(), m.config.Heads*max(s.Beam*b.SourceLen, s.MaxLen+1))
	d.picks = make([][]pick, slots)
	return d, nil
}

// run returns the best hypothesis of each sequence.
func (d *decoding[T]) run() ([][]int32, error) {
	for d.gather(); len(d.rows) > 0; d.gather() {
		if err := d.step(); err != nil {
			return nil, err
		}
		for i, b := range d.live {
			for _, move := range b.advance(d.picks[d.first[i]:d.first[i+1]]) {
				d.copySlot(move.to, move.from)
			}
		}
		d.at++
	}
	var out [][]int32
	for _, b := range d.beams {
		out = append(out, b.best.tokens)
	}
	return out, nil
}

// gather lists the live hypotheses, those of a beam one after the other.
func (d *decoding[T]) gather() {
	d.live, d.rows, d.first = d.live[:0], d.rows[:0], append(d.first[:0], 0)
	for _, b := range d.beams {
		if b.done() {
			continue
		}
		d.live = append(d.live, b)
		for i := range b.live {
			d.rows = append(d.rows, &b.live[i])
		}
		d.first = append(d.first, len(d.rows))
	}
}

// copySlot copies what the caches hold up to the position at hand.
func (d *decoding[T]) copySlot(to, from int) {
	for l, c := range d.caches {
		size := (d.search.MaxLen + 1) * 2 * l.inner
		copy(c[to*size:], c[from*size:][:(d.at+1)*2*l.inner])
	}
}

// step reads the last token of each row and picks the most probable next ones.
func (d *decoding[T]) step() error {
	rows := len(d.rows)
	x := d.m.decoder.embedding.out.Slice(0, rows)
	for r, h := range d.rows {
		d.m.decoder.embedding.embed(x.Row(r), h.last(d.search.Start), d.at)
	}
	var err error
	for _, b := range d.m.decoder.blocks {
		if x, err = b.step(x, d); err != nil {
			return err
		}
	}
	if f := d.m.decoder.final; f != nil {
		out := d.m.decoder.out.Slice(0, rows)
		if err := f.forward(out, x, nil); err != nil {
			return err
		}
		x = out
	}
	d.choose(x)
	return nil
}

// choose picks tokens from the decoder's output, in the chunks of its head.
func (d *decoding[T]) choose(x runtime.ViewOf[T]) {
	h := d.m.head
	d.pick = pickStep[T]{d: d, softmax: d.m.softmax(h.vocab)}
	for lo := 0; lo < x.Rows; lo += h.logits.Rows {
		d.pick.first = lo
		h.score(x.Slice(lo, min(lo+h.logits.Rows, x.Rows)))
		d.m.crew.run(&d.pick, rowParts(h.chunk.Rows))
	}
}

// step is forward for one position of each hypothesis.
func (b *block[T]) step(x runtime.ViewOf[T], d *decoding[T]) (runtime.ViewOf[T], error) {
	out, inner, branch := b.out.Slice(0, x.Rows), b.inner.Slice(0, x.Rows), b.branch.Slice(0, x.Rows)
	if b.behind {
		b.layer.step(branch, x, d)
		b.m.dropAdd(b.dropper, inner, branch, x)
		return out, b.norm.forward(out, inner, nil)
	}
	if err := b.norm.forward(inner, x, nil); err != nil {
		return out, err
	}
	b.layer.step(branch, inner, d)
	b.m.dropAdd(b.dropper, out, branch, x)
	return out, nil
}

func (f *feedForward[T]) step(y, x runtime.ViewOf[T], _ *decoding[T]) { f.forward(y, x) }

func (a *selfAttention[T]) step(y, x runtime.ViewOf[T], d *decoding[T]) {
	qkv, mixed := a.qkv.Slice(0, x.Rows), a.y.Slice(0, x.Rows)
	a.in.forward(qkv, x)
	d.self = selfStep[T]{d: d, a: a, cache: d.caches[a], softmax: d.m.softmax(d.at + 1)}
	d.m.crew.run(&d.self, x.Rows)
	a.out.forward(y, mixed)
}

// A selfStep puts the keys and values of a row into its slot, and attends to all
// that is there.
type selfStep[T runtime.Float] struct {
	d       *decoding[T]
	a       *selfAttention[T]
	cache   []T
	softmax *softmaxes[T]
}

func (s *selfStep[T]) part(worker, r int) {
	d, a, n := s.d, s.a, s.d.at+1
	width, stride := a.core.width, 2*a.inner
	cache := s.cache[d.rows[r].slot*(d.search.MaxLen+1)*stride:]
	q := a.qkv.Row(r)
	copy(cache[d.at*stride:][:stride], q[a.inner:])
	p := runtime.Matrix(d.scratch.Row(worker), a.core.heads, n)
	for h := range a.core.heads {
		a.core.m.products.Gemm(false, true, 1, n, width, a.core.scale(), q[h*width:], a.qkv.Stride, cache[h*width:], stride, 0, p.Row(h), n)
	}
	must(s.softmax.forward[worker].Infer(p, p))
	for h := range a.core.heads {
		a.core.m.products.Gemm(false, false, 1, width, n, 1, p.Row(h), n, cache[a.inner+h*width:], stride, 0, a.y.Row(r)[h*width:], a.y.Stride)
	}
}

func (a *crossAttention[T]) step(y, x runtime.ViewOf[T], d *decoding[T]) {
	q, mixed := a.query.Slice(0, x.Rows), a.y.Slice(0, x.Rows)
	a.q.forward(q, x)
	d.cross = crossStep[T]{d: d, a: a, softmax: d.m.softmax(a.core.key.length)}
	d.m.crew.run(&d.cross, len(d.live))
	a.out.forward(y, mixed)
}

// A crossStep attends to the source for the hypotheses of a beam.
type crossStep[T runtime.Float] struct {
	d       *decoding[T]
	a       *crossAttention[T]
	softmax *softmaxes[T]
}

func (s *crossStep[T]) part(worker, i int) {
	a, core := s.a, s.a.core
	lo, hi := s.d.first[i], s.d.first[i+1]
	queries, keys, sequence := hi-lo, core.key.length, s.d.live[i].sequence
	p := runtime.Matrix(s.d.scratch.Row(worker), core.heads*queries, keys)
	n := core.width
	kv := a.keys.Data[sequence*keys*a.keys.Stride:]
	q, y := a.query.Data[lo*a.query.Stride:], a.y.Data[lo*a.y.Stride:]
	gemm := core.m.products.Gemm
	for h := range core.heads {
		score := p.Data[h*queries*keys:][:queries*keys]
		gemm(false, true, queries, keys, n, core.scale(), q[h*n:], a.query.Stride, kv[h*n:], a.keys.Stride, 0, score, keys)
		for r := range queries {
			core.hidePadding(score[r*keys:][:keys], sequence)
		}
	}
	must(s.softmax.forward[worker].Infer(p, p))
	for h := range core.heads {
		gemm(false, false, queries, n, keys, 1, p.Data[h*queries*keys:], keys, kv[a.inner+h*n:], a.keys.Stride, 0, y[h*n:], a.y.Stride)
	}
}
