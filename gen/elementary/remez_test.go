package elementary

import (
	"math"
	"math/big"
)

// A fit asks for the polynomial in u between lo and hi, with n coefficients,
// that is next to target where errors count by weight.
type fit struct {
	n              int
	lo, hi         float64
	target, weight func(u *big.Float) *big.Float
}

// solve is Remez' exchange: it solves for a polynomial whose weighted error has
// equal size and alternating sign in n+1 points, moves the points to the
// extremes of the error, and repeats until those are level. It returns the
// coefficients and the largest weighted error.
func (f fit) solve() (c []*big.Float, worst float64) {
	points := f.chebyshev(f.n + 1)
	grid := f.grid()
	for range 20 {
		c, level := f.level(points)
		points, worst = extremes(grid.errors(c), grid, len(points))
		if len(points) != f.n+1 {
			panic("the error does not alternate")
		}
		if worst <= math.Abs(level)*1.001 {
			return c, worst
		}
	}
	panic("no convergence")
}

// worst is the largest weighted error of given coefficients.
func (f fit) worst(c []float64) (worst float64) {
	var exact []*big.Float
	for _, x := range c {
		exact = append(exact, float(x))
	}
	for _, e := range f.grid().errors(exact) {
		worst = max(worst, math.Abs(e))
	}
	return worst
}

// chebyshev returns the points where a Chebyshev polynomial has its extremes,
// about: the cosine is rounded, so that all machines have the same points. Zero
// is moved, since targets are quotients with a limit there.
func (f fit) chebyshev(n int) []*big.Float {
	var out []*big.Float
	for i := range n {
		x := math.Round(math.Cos(math.Pi*float64(n-1-i)/float64(n-1))*0x1p20) / 0x1p20
		u := f.lo + (f.hi-f.lo)*(x+1)/2
		if math.Abs(u) < (f.hi-f.lo)*1e-9 {
			u = (f.hi - f.lo) * 1e-4
		}
		out = append(out, float(u))
	}
	return out
}

// A sampled is target and weight on points close to each other.
type sampled struct{ u, target, weight []*big.Float }

func (f fit) grid() sampled {
	var s sampled
	for _, u := range f.chebyshev(24*f.n + 1) {
		s.u = append(s.u, u)
		s.target = append(s.target, f.target(u))
		s.weight = append(s.weight, f.weight(u))
	}
	return s
}

// errors are the weighted errors of the polynomial c.
func (s sampled) errors(c []*big.Float) []float64 {
	out := make([]float64, len(s.u))
	for i, u := range s.u {
		out[i], _ = prod(diff(horner(c, u), s.target[i]), s.weight[i]).Float64()
	}
	return out
}

func horner(c []*big.Float, u *big.Float) *big.Float {
	total := c[len(c)-1]
	for i := len(c) - 2; i >= 0; i-- {
		total = sum(prod(total, u), c[i])
	}
	return total
}

// extremes picks the largest error of each run of one sign, drops runs from the
// ends while there are more than n, and returns the largest of all.
func extremes(e []float64, s sampled, n int) (points []*big.Float, worst float64) {
	var at []int
	for i, x := range e {
		worst = max(worst, math.Abs(x))
		switch last := len(at) - 1; {
		case last < 0 || math.Signbit(e[at[last]]) != math.Signbit(x):
			at = append(at, i)
		case math.Abs(x) > math.Abs(e[at[last]]):
			at[last] = i
		}
	}
	for len(at) > n {
		if math.Abs(e[at[0]]) < math.Abs(e[at[len(at)-1]]) {
			at = at[1:]
		} else {
			at = at[:len(at)-1]
		}
	}
	for _, i := range at {
		points = append(points, s.u[i])
	}
	return points, worst
}

// level solves sum c[k] u^k + (-1)^i level/weight = target in all points.
func (f fit) level(points []*big.Float) (c []*big.Float, level float64) {
	var rows [][]*big.Float
	for i, u := range points {
		row, power := []*big.Float{}, float(1)
		for range f.n {
			row = append(row, power)
			power = prod(power, u)
		}
		sign := float(float64(1 - 2*(i%2)))
		rows = append(rows, append(row, quo(sign, f.weight(u)), f.target(u)))
	}
	x := eliminate(rows)
	level, _ = x[f.n].Float64()
	return x[:f.n], level
}

// eliminate solves a linear system whose rows end with their right sides.
func eliminate(rows [][]*big.Float) []*big.Float {
	n := len(rows)
	for i := range n {
		pivot := i
		for r := i; r < n; r++ {
			if number().Abs(rows[r][i]).Cmp(number().Abs(rows[pivot][i])) > 0 {
				pivot = r
			}
		}
		rows[i], rows[pivot] = rows[pivot], rows[i]
		for r := range n {
			if r == i {
				continue
			}
			q := quo(rows[r][i], rows[i][i])
			for k := i; k <= n; k++ {
				rows[r][k] = diff(rows[r][k], prod(q, rows[i][k]))
			}
		}
	}
	x := make([]*big.Float, n)
	for i := range x {
		x[i] = quo(rows[i][n], rows[i][i])
	}
	return x
}
