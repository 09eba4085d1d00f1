package plain

// LayerNorm normalizes each row.
type LayerNorm struct {
	affine
	mean, rstd []float32
	eps        float32
}

// NewLayerNorm makes a layer for so many rows.
func NewLayerNorm(rows int, v Vectors) *LayerNorm {
	return &LayerNorm{newAffine(v), make([]float32, rows), make([]float32, rows), 1e-5}
}

// Forward normalizes and keeps the statistics.
func (l *LayerNorm) Forward(y, x []float32) {
	c := len(l.gamma)
	gamma, beta := l.gamma, l.beta[:c]
	for i := range len(x) / c {
		row, out := x[i*c:][:c], y[i*c:][:c]
		mean, variance := moments(row)
		rstd := rsqrt(variance + l.eps)
		for j, g := range gamma {
			out[j] = (row[j]-mean)*rstd*g + beta[j]
		}
		l.mean[i], l.rstd[i] = mean, rstd
	}
}

// Infer is Forward: nothing depends on the batch.
func (l *LayerNorm) Infer(y, x []float32) { l.Forward(y, x) }

// Backward computes the gradients.
func (l *LayerNorm) Backward(dx, dy, x []float32) {
	c := len(l.gamma)
	gamma, dgamma, dbeta := l.gamma, l.dgamma[:c], l.dbeta[:c]
	l.zero()
	for i := range len(x) / c {
		row, grad, out := x[i*c:][:c], dy[i*c:][:c], dx[i*c:][:c]
		mean, rstd := l.mean[i], l.rstd[i]
		var sum, dot float32
		for j, g := range gamma {
			xh, d := (row[j]-mean)*rstd, grad[j]
			dgamma[j] += d * xh
			dbeta[j] += d
			sum += d * g
			dot += d * g * xh
		}
		sum, dot = sum/float32(c), dot*rstd/float32(c)
		for j, g := range gamma {
			out[j] = rstd * (grad[j]*g - sum - (row[j]-mean)*dot)
		}
	}
}

// RMSNorm divides each row by its root mean square.
type RMSNorm struct {
	affine
	rstd []float32
	eps  float32
}

// NewRMSNorm makes a layer for so many rows.
func NewRMSNorm(rows int, v Vectors) *RMSNorm {
	return &RMSNorm{newAffine(v), make([]float32, rows), 1e-6}
}

// Forward normalizes and keeps the statistics.
func (l *RMSNorm) Forward(y, x []float32) {
	c := len(l.gamma)
	for i := range len(x) / c {
		row, out := x[i*c:][:c], y[i*c:][:c]
		var ss float32
		for _, v := range row {
			ss += v * v
		}
		rstd := rsqrt(ss/float32(c) + l.eps)
		for j, g := range l.gamma {
			out[j] = row[j] * rstd * g
		}
		l.rstd[i] = rstd
	}
}

// Infer is Forward: nothing depends on the batch.
func (l *RMSNorm) Infer(y, x []float32) { l.Forward(y, x) }

// Backward computes the gradients.
func (l *RMSNorm) Backward(dx, dy, x []float32) {
	c := len(l.gamma)
	gamma, dgamma := l.gamma, l.dgamma[:c]
	l.zero()
	for i := range len(x) / c {
		row, grad, out := x[i*c:][:c], dy[i*c:][:c], dx[i*c:][:c]
		rstd := l.rstd[i]
		var dot float32
		for j, g := range gamma {
			xh := row[j] * rstd
			dgamma[j] += grad[j] * xh
			dot += grad[j] * g * xh
		}
		dot *= rstd / float32(c)
		for j, g := range gamma {
			out[j] = rstd * (grad[j]*g - row[j]*dot)
		}
	}
}
