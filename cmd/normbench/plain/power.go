package plain

// PowerNorm divides each column by a running root mean square; its backward
// subtracts a running projection (Shen et al. 2020, Algorithm 2). Both passes
// sum up what moves the running values.
type PowerNorm struct {
	affine
	psi2, nu      []float32
	inv           []float32
	square        []float32 // sums of x^2
	power, dotted []float32 // sums of xh^2 and of dy*gamma*xh
	eps           float32
}

// NewPowerNorm makes a layer.
func NewPowerNorm(v Vectors) *PowerNorm {
	n := func() []float32 { return make([]float32, len(v["gamma"])) }
	return &PowerNorm{newAffine(v), v["psi2"], v["nu"], n(), n(), n(), n(), 1e-5}
}

// Forward normalizes by the running value and sums up the batch's.
func (l *PowerNorm) Forward(y, x []float32) {
	c := len(l.gamma)
	inv, beta, square := l.inv[:c], l.beta[:c], l.square[:c]
	l.invert()
	clear(square)
	for i := range len(x) / c {
		row, out := x[i*c:][:c], y[i*c:][:c]
		for j, g := range l.gamma {
			v := row[j]
			out[j] = g*(v*inv[j]) + beta[j]
			square[j] += v * v
		}
	}
}

func (l *PowerNorm) invert() {
	for j, v := range l.psi2 {
		l.inv[j] = rsqrt(v + l.eps)
	}
}

// Infer normalizes by the running value.
func (l *PowerNorm) Infer(y, x []float32) {
	c := len(l.gamma)
	inv, beta := l.inv[:c], l.beta[:c]
	l.invert()
	for i := range len(x) / c {
		row, out := x[i*c:][:c], y[i*c:][:c]
		for j, g := range l.gamma {
			out[j] = g*(row[j]*inv[j]) + beta[j]
		}
	}
}

// Backward computes the gradients and sums up what moves nu. The mean of xh^2
// follows from what Forward summed, that of dy*gamma*xh from the gradient of
// gamma.
func (l *PowerNorm) Backward(dx, dy, x []float32) {
	c := len(l.gamma)
	inv, nu, dgamma, dbeta := l.inv[:c], l.nu[:c], l.dgamma[:c], l.dbeta[:c]
	l.zero()
	for i := range len(x) / c {
		row, grad, out := x[i*c:][:c], dy[i*c:][:c], dx[i*c:][:c]
		for j, g := range l.gamma {
			xh, d := row[j]*inv[j], grad[j]
			dgamma[j] += d * xh
			dbeta[j] += d
			out[j] = (d*g - nu[j]*xh) * inv[j]
		}
	}
	for j, g := range l.gamma {
		l.power[j] = l.square[j] * inv[j] * inv[j]
		l.dotted[j] = dgamma[j] * g
	}
}
