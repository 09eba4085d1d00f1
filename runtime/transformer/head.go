package transformer

import (
	"math"
	"time"

	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer/kernels"
)

// chunkBytes is how much memory the logits of a chunk of rows may take: more rows
// make better products, less memory stays in the last cache.
const chunkBytes = 32 << 20

// A head predicts tokens: its logits are x*weight'. Rows are taken in chunks, since
// the logits of a batch would be the largest matrix of all.
type head[T runtime.Float] struct {
	m         *machine[T]
	weight    ParamOf[T]
	vocab, in int
	smoothing float64
	logits    runtime.ViewOf[T] // of a chunk
	softmax   []kernels.Rows[T] // by worker: the probabilities less the smoothing's share
	rows      []rowLoss         // of a chunk

	// The chunk at hand.
	chunk  runtime.ViewOf[T]
	target []int32
	keep   []bool
	train  bool
}

// A rowLoss is the loss of one row.
type rowLoss struct{ nll, smoothed float64 }

func (b *builder[T]) newHead(weight ParamOf[T]) (*head[T], error) {
	c := &b.config
	rows := chunkBytes / (c.Vocab * int(sizeOf[T]())) / rowsPerPart * rowsPerPart
	rows = min(max(rows, rowsPerPart), c.MaxRows)
	h := &head[T]{m: b.machine, weight: weight, vocab: c.Vocab, in: c.Width, smoothing: c.LabelSmoothing,
		logits: dense[T](rows, c.Vocab), rows: make([]rowLoss, rows)}
	for range b.crew.pool.Workers() {
		s, err := kernels.MakeSoftmax[T](c.Vocab, rowsPerPart, h.less())
		if err != nil {
			return nil, err
		}
		h.softmax = append(h.softmax, s)
	}
	return h, nil
}

// less is the probability that smoothing gives each token.
func (h *head[T]) less() float64 { return h.smoothing / float64(h.vocab) }

// loss returns the loss of the batch. In a training pass it sets dx and adds the
// gradients of the weights; padding gets 0.
func (h *head[T]) loss(dx, x runtime.ViewOf[T], b *Batch, p *passOf[T]) Loss {
	loss := Loss{Tokens: b.Tokens()}
	for lo := 0; lo < x.Rows; lo += h.logits.Rows {
		hi := min(lo+h.logits.Rows, x.Rows)
		h.score(x.Slice(lo, hi))
		h.target, h.keep, h.train = b.Target[lo:hi], nil, p != nil
		if b.Keep != nil {
			h.keep = b.Keep[lo:hi]
		}
		begin := time.Now()
		h.m.crew.run(h, rowParts(hi-lo))
		h.m.spent.loss += time.Since(begin)
		for _, r := range h.rows[:hi-lo] {
			loss.NLL += r.nll
			loss.Smoothed += r.smoothed
		}
		if p != nil {
			h.backward(dx.Slice(lo, hi), x.Slice(lo, hi), T(p.scale))
		}
	}
	return loss
}

// score sets the logits of a chunk.
func (h *head[T]) score(x runtime.ViewOf[T]) {
	h.chunk = h.logits.Slice(0, x.Rows)
	h.m.multiply(false, true, x.Rows, h.vocab, h.in, 1, x.Data, x.Stride, h.weight.Data, h.in, 0, h.chunk.Data, h.vocab, nil)
}

// backward takes the gradients of the chunk's logits to x and the weights.
func (h *head[T]) backward(dx, x runtime.ViewOf[T], scale T) {
	d := h.chunk
	h.m.multiply(false, false, d.Rows, h.in, h.vocab, scale, d.Data, h.vocab, h.weight.Data, h.in, 0, dx.Data, dx.Stride, nil)
	h.m.multiply(true, false, h.vocab, h.in, d.Rows, scale, d.Data, h.vocab, x.Data, x.Stride, 1, h.weight.Grad, h.in, nil)
}

// part takes the losses of some rows and turns their logits into the gradients.
func (h *head[T]) part(worker, i int) {
	lo, hi := rowSpan(i, h.chunk.Rows)
	var scans [rowsPerPart]scan
	for r := lo; r < hi; r++ {
		if h.kept(r) {
			scans[r-lo] = scanRow(h.chunk.Row(r))
			scans[r-lo].target = float64(h.chunk.Row(r)[h.target[r]])
		}
	}
	rows := h.chunk.Slice(lo, hi)
	must(h.softmax[worker].Infer(rows, rows))
	for r := lo; r < hi; r++ {
		h.rows[r] = rowLoss{}
		if h.kept(r) {
			h.rows[r] = h.rowLoss(&scans[r-lo], h.chunk.Row(r), h.target[r])
		} else if h.train {
			clear(h.chunk.Row(r))
		}
	}
}

func (h *head[T]) kept(r int) bool { return h.keep == nil || h.keep[r] }

// rowLoss takes p, the probabilities of a row less the smoothing's, to the
// gradient. The largest probability is 1 over the softmax's sum.
func (h *head[T]) rowLoss(s *scan, p []T, target int32) rowLoss {
	logSum := s.top - math.Log(float64(p[s.at])+h.less())
	if h.train {
		p[target] -= T(1 - h.smoothing)
	}
	nll := logSum - s.target
	even := logSum - s.sum/float64(h.vocab) // the loss if all tokens were targets alike
	return rowLoss{nll, float64((1-h.smoothing)*nll) + float64(h.smoothing*even)}
}

// A scan is what the loss needs of a row of logits.
type scan struct {
	top, sum, target float64
	at               int // where the top is
}

// scanRow finds the top of x and its sum, in four sums that depend on the index alone.
func scanRow[T runtime.Float](x []T) scan {
	top, at := x[0], 0
	var s0, s1, s2, s3 T
	n := len(x) &^ 3
	for j := 0; j < n; j += 4 {
		q := x[j:][:4:4]
		a, b, c, d := q[0], q[1], q[2], q[3]
		s0, s1, s2, s3 = s0+a, s1+b, s2+c, s3+d
		if a > top {
			top, at = a, j
		}
		if b > top {
			top, at = b, j+1
		}
		if c > top {
			top, at = c, j+2
		}
		if d > top {
			top, at = d, j+3
		}
	}
	for j := n; j < len(x); j++ {
		s0 += x[j]
		if x[j] > top {
			top, at = x[j], j
		}
	}
	return scan{top: float64(top), at: at, sum: float64(s0) + float64(s1) + (float64(s2) + float64(s3))}
}
