package plain

// GroupNormNCS normalizes each sample over the channels and places of a group,
// the places of a channel lying side by side.
type GroupNormNCS struct {
	affine
	groups, places int
	mean, rstd     []float32
	eps            float32
}

// NewGroupNormNCS makes a layer for so many samples.
func NewGroupNormNCS(samples, groups, places int, v Vectors) *GroupNormNCS {
	n := samples * groups
	return &GroupNormNCS{newAffine(v), groups, places, make([]float32, n), make([]float32, n), 1e-5}
}

// Forward normalizes and keeps the statistics.
func (l *GroupNormNCS) Forward(y, x []float32) {
	d, s := len(l.gamma)/l.groups, l.places
	for i := range l.mean[:len(x)/(d*s)] {
		group := x[i*d*s:][:d*s]
		mean, variance := moments(group)
		rstd := rsqrt(variance + l.eps)
		first := i % l.groups * d
		for k := range d {
			scale, shift := rstd*l.gamma[first+k], l.beta[first+k]
			out := y[(i*d+k)*s:][:s]
			for j, v := range group[k*s:][:s] {
				out[j] = (v-mean)*scale + shift
			}
		}
		l.mean[i], l.rstd[i] = mean, rstd
	}
}

// Infer is Forward: nothing depends on the batch.
func (l *GroupNormNCS) Infer(y, x []float32) { l.Forward(y, x) }

// Backward computes the gradients.
func (l *GroupNormNCS) Backward(dx, dy, x []float32) {
	d, s := len(l.gamma)/l.groups, l.places
	l.zero()
	for i := range l.mean[:len(x)/(d*s)] {
		mean, rstd, first := l.mean[i], l.rstd[i], i%l.groups*d
		var sum, dot float32
		for k := range d {
			row, grad := x[(i*d+k)*s:][:s], dy[(i*d+k)*s:][:s]
			var a, b float32
			for j, v := range grad {
				a += v
				b += v * (row[j] - mean)
			}
			b *= rstd
			l.dbeta[first+k] += a
			l.dgamma[first+k] += b
			sum += a * l.gamma[first+k]
			dot += b * l.gamma[first+k]
		}
		sum, dot = sum/float32(d*s), dot*rstd/float32(d*s)
		for k := range d {
			row, grad, out := x[(i*d+k)*s:][:s], dy[(i*d+k)*s:][:s], dx[(i*d+k)*s:][:s]
			g := l.gamma[first+k]
			for j, v := range grad {
				out[j] = rstd * (v*g - sum - (row[j]-mean)*dot)
			}
		}
	}
}

// GroupNormNSC is the same norm with the channels of a place side by side.
type GroupNormNSC struct {
	affine
	groups, places int
	mean, rstd     []float32
	eps            float32
	sum, dot       []float32 // of each channel of a sample
}

// NewGroupNormNSC makes a layer for so many samples.
func NewGroupNormNSC(samples, groups, places int, v Vectors) *GroupNormNSC {
	n, c := samples*groups, len(v["gamma"])
	return &GroupNormNSC{newAffine(v), groups, places, make([]float32, n), make([]float32, n), 1e-5,
		make([]float32, c), make([]float32, c)}
}

// Forward normalizes and keeps the statistics.
func (l *GroupNormNSC) Forward(y, x []float32) {
	c := len(l.gamma)
	size := c * l.places
	for i := range len(x) / size {
		mean, rstd := l.mean[i*l.groups:][:l.groups], l.rstd[i*l.groups:][:l.groups]
		l.moments(mean, rstd, x[i*size:][:size])
		l.apply(y[i*size:][:size], x[i*size:][:size], mean, rstd)
	}
}

// moments computes the statistics of the groups of a sample.
func (l *GroupNormNSC) moments(mean, rstd, x []float32) {
	c := len(l.gamma)
	d := c / l.groups
	count := float32(d * l.places)
	clear(mean)
	clear(rstd)
	for at := 0; at < len(x); at += d {
		var sum float32
		for _, v := range x[at:][:d] {
			sum += v
		}
		mean[at/d%l.groups] += sum
	}
	for g := range mean {
		mean[g] /= count
	}
	for at := 0; at < len(x); at += d {
		g := at / d % l.groups
		var ss float32
		m := mean[g]
		for _, v := range x[at:][:d] {
			ss += (v - m) * (v - m)
		}
		rstd[g] += ss
	}
	for g, ss := range rstd {
		rstd[g] = rsqrt(ss/count + l.eps)
	}
}

func (l *GroupNormNSC) apply(y, x, mean, rstd []float32) {
	c := len(l.gamma)
	d := c / l.groups
	for at := 0; at < len(x); at += c {
		for g, m := range mean {
			row, out := x[at+g*d:][:d], y[at+g*d:][:d]
			gamma, beta := l.gamma[g*d:][:d], l.beta[g*d:][:d]
			r := rstd[g]
			for j, v := range row {
				out[j] = (v-m)*r*gamma[j] + beta[j]
			}
		}
	}
}

// Infer is Forward: nothing depends on the batch.
func (l *GroupNormNSC) Infer(y, x []float32) { l.Forward(y, x) }

// Backward computes the gradients.
func (l *GroupNormNSC) Backward(dx, dy, x []float32) {
	size := len(l.gamma) * l.places
	l.zero()
	for i := range len(x) / size {
		mean, rstd := l.mean[i*l.groups:][:l.groups], l.rstd[i*l.groups:][:l.groups]
		l.backward(dx[i*size:][:size], dy[i*size:][:size], x[i*size:][:size], mean, rstd)
	}
}

// backward computes the gradients of a sample.
func (l *GroupNormNSC) backward(dx, dy, x, mean, rstd []float32) {
	c := len(l.gamma)
	d := c / l.groups
	clear(l.sum)
	clear(l.dot)
	for at := 0; at < len(x); at += c {
		for g, m := range mean {
			row, grad := x[at+g*d:][:d], dy[at+g*d:][:d]
			sum, dot := l.sum[g*d:][:d], l.dot[g*d:][:d]
			for j, v := range grad {
				sum[j] += v
				dot[j] += v * (row[j] - m)
			}
		}
	}
	for g, m := range mean {
		r, gamma := rstd[g], l.gamma[g*d:][:d]
		var sum, dot float32
		for j, w := range gamma {
			k := g*d + j
			l.dbeta[k] += l.sum[k]
			l.dgamma[k] += l.dot[k] * r
			sum += l.sum[k] * w
			dot += l.dot[k] * r * w
		}
		sum, dot = sum/float32(d*l.places), dot*r/float32(d*l.places)
		for at := g * d; at < len(x); at += c {
			row, grad, out := x[at:][:d], dy[at:][:d], dx[at:][:d]
			for j, w := range gamma {
				out[j] = r * (grad[j]*w - sum - (row[j]-m)*dot)
			}
		}
	}
}
