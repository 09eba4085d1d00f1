package plain

// BatchNorm normalizes each column over the rows.
type BatchNorm struct {
	affine
	runningMean, runningVar []float32
	mean, rstd              []float32
	scale, shift, slope     []float32 // what the last loop needs of each column
	eps                     float32
}

// NewBatchNorm makes a layer.
func NewBatchNorm(v Vectors) *BatchNorm {
	c := len(v["gamma"])
	n := func() []float32 { return make([]float32, c) }
	return &BatchNorm{newAffine(v), v["running_mean"], v["running_var"], n(), n(), n(), n(), n(), 1e-5}
}

// Forward normalizes by the batch and keeps its statistics.
func (l *BatchNorm) Forward(y, x []float32) {
	c := len(l.gamma)
	rows := len(x) / c
	mean, rstd := l.mean[:c], l.rstd[:c]
	clear(mean)
	for i := range rows {
		row := x[i*c:][:c]
		for j, v := range row {
			mean[j] += v
		}
	}
	clear(rstd)
	for j := range mean {
		mean[j] /= float32(rows)
	}
	for i := range rows {
		row := x[i*c:][:c]
		for j, m := range mean {
			rstd[j] += (row[j] - m) * (row[j] - m)
		}
	}
	for j, ss := range rstd {
		rstd[j] = rsqrt(ss/float32(rows) + l.eps)
	}
	l.apply(y, x, mean, rstd)
}

// Infer normalizes by the running statistics.
func (l *BatchNorm) Infer(y, x []float32) {
	for j, v := range l.runningVar {
		l.rstd[j] = rsqrt(v + l.eps)
	}
	l.apply(y, x, l.runningMean, l.rstd)
}

func (l *BatchNorm) apply(y, x, mean, rstd []float32) {
	c := len(l.gamma)
	scale, beta := l.scale[:c], l.beta[:c]
	for j, g := range l.gamma {
		scale[j] = g * rstd[j]
	}
	mean = mean[:c]
	for i := range len(x) / c {
		row, out := x[i*c:][:c], y[i*c:][:c]
		for j, s := range scale {
			out[j] = (row[j]-mean[j])*s + beta[j]
		}
	}
}

// Backward computes the gradients.
func (l *BatchNorm) Backward(dx, dy, x []float32) {
	c := len(l.gamma)
	rows := len(x) / c
	mean, dgamma, dbeta := l.mean[:c], l.dgamma[:c], l.dbeta[:c]
	l.zero()
	for i := range rows {
		row, grad := x[i*c:][:c], dy[i*c:][:c]
		for j, d := range grad {
			dbeta[j] += d
			dgamma[j] += d * (row[j] - mean[j])
		}
	}
	scale, shift, slope := l.scale[:c], l.shift[:c], l.slope[:c]
	for j, r := range l.rstd {
		dgamma[j] *= r
		scale[j], shift[j], slope[j] = l.gamma[j]*r, dbeta[j]/float32(rows), dgamma[j]*r/float32(rows)
	}
	for i := range rows {
		row, grad, out := x[i*c:][:c], dy[i*c:][:c], dx[i*c:][:c]
		for j, s := range scale {
			out[j] = s * (grad[j] - shift[j] - (row[j]-mean[j])*slope[j])
		}
	}
}

// PNV divides each column by its root mean square over the rows.
type PNV struct {
	affine
	running      []float32
	rstd         []float32
	scale, slope []float32 // what the last loop needs of each column
	eps          float32
}

// NewPNV makes a layer.
func NewPNV(v Vectors) *PNV {
	n := func() []float32 { return make([]float32, len(v["gamma"])) }
	return &PNV{newAffine(v), v["running_ms"], n(), n(), n(), 1e-5}
}

// Forward normalizes by the batch and keeps its statistics.
func (l *PNV) Forward(y, x []float32) {
	c := len(l.gamma)
	rows := len(x) / c
	rstd := l.rstd[:c]
	clear(rstd)
	for i := range rows {
		for j, v := range x[i*c:][:c] {
			rstd[j] += v * v
		}
	}
	for j, ss := range rstd {
		rstd[j] = rsqrt(ss/float32(rows) + l.eps)
	}
	l.apply(y, x, rstd)
}

// Infer normalizes by the running statistic.
func (l *PNV) Infer(y, x []float32) {
	for j, v := range l.running {
		l.rstd[j] = rsqrt(v + l.eps)
	}
	l.apply(y, x, l.rstd)
}

func (l *PNV) apply(y, x, rstd []float32) {
	c := len(l.gamma)
	scale, beta := l.scale[:c], l.beta[:c]
	for j, g := range l.gamma {
		scale[j] = g * rstd[j]
	}
	for i := range len(x) / c {
		row, out := x[i*c:][:c], y[i*c:][:c]
		for j, s := range scale {
			out[j] = row[j]*s + beta[j]
		}
	}
}

// Backward computes the gradients.
func (l *PNV) Backward(dx, dy, x []float32) {
	c := len(l.gamma)
	rows := len(x) / c
	dgamma, dbeta := l.dgamma[:c], l.dbeta[:c]
	l.zero()
	for i := range rows {
		row, grad := x[i*c:][:c], dy[i*c:][:c]
		for j, d := range grad {
			dbeta[j] += d
			dgamma[j] += d * row[j]
		}
	}
	scale, slope := l.scale[:c], l.slope[:c]
	for j, r := range l.rstd {
		dgamma[j] *= r
		scale[j], slope[j] = l.gamma[j]*r, dgamma[j]*r/float32(rows)
	}
	for i := range rows {
		row, grad, out := x[i*c:][:c], dy[i*c:][:c], dx[i*c:][:c]
		for j, s := range scale {
			out[j] = s * (grad[j] - row[j]*slope[j])
		}
	}
}
