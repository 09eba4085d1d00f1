package report

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// An Interval is the mean of some seeds and how far the 95 % confidence interval reaches
// to each side, by Student's t. Of one seed it is infinite.
type Interval struct {
	N          int
	Mean, Half float64
}

func intervalOf(values []float64) Interval {
	n := len(values)
	switch n {
	case 0:
		return Interval{0, math.NaN(), math.NaN()}
	case 1:
		return Interval{1, values[0], math.Inf(1)}
	}
	mean, deviation := stat.MeanStdDev(values, nil)
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n - 1)}.Quantile(0.975)
	return Interval{n, mean, t * deviation / math.Sqrt(float64(n))}
}

// format prints the interval with so many decimals.
func (i Interval) format(decimals int) string {
	switch {
	case i.N == 0:
		return "-"
	case math.IsInf(i.Half, 1):
		return fmt.Sprintf("%.*f (one seed)", decimals, i.Mean)
	}
	return fmt.Sprintf("%.*f ± %.*f", decimals, i.Mean, decimals, i.Half)
}

// median returns the smallest value that at least half of the values do not exceed.
func median(values []float64) float64 {
	return stat.Quantile(0.5, stat.Empirical, slices.Sorted(slices.Values(values)), nil)
}

// band is how far a band around the mean reaches in figures: nowhere where the seeds are
// too few to say.
func (i Interval) band() float64 {
	if math.IsInf(i.Half, 1) || math.IsNaN(i.Half) {
		return 0
	}
	return i.Half
}
