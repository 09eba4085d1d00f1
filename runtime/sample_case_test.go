package runtime

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A sampleCase is a batch for sampleSpec with two groups of three columns.
type sampleCase struct {
	samples, rows int // rows of each sample
	x, scale, dy  []float64
	keep          []bool // by row; nil keeps all
}

const (
	sampleCols  = 6
	sampleDepth = 3
)

func newSampleCase(samples, rows int, masked bool) sampleCase {
	r := rand.New(rand.NewPCG(5, uint64(samples*1000+rows)))
	draw := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = 3 + r.NormFloat64()
		}
		return v
	}
	n := samples * rows
	c := sampleCase{samples: samples, rows: rows, x: draw(n * sampleCols), dy: draw(n * sampleCols), scale: draw(samples * sampleCols)}
	if masked {
		c.keep = make([]bool, n)
		for i := range c.keep {
			c.keep[i] = r.IntN(3) > 0
		}
	}
	return c
}

// part is samples lo to hi.
func (c sampleCase) part(lo, hi int) sampleCase {
	n := c.rows * sampleCols
	p := sampleCase{hi - lo, c.rows, c.x[lo*n : hi*n], c.scale[lo*sampleCols : hi*sampleCols], c.dy[lo*n : hi*n], nil}
	if c.keep != nil {
		p.keep = c.keep[lo*c.rows : hi*c.rows]
	}
	return p
}

// An outcome is everything that a pass leaves, by name.
type outcome map[string][]float64

// A samplePass is a work and the tensors of its case.
type samplePass struct {
	w             *WorkOf[float64]
	c             sampleCase
	y, z, m       View64
	dx, dscale    View64
	x, scale, dy  View64
	unused, empty View64 // the cotangents of z and m
}

func newSamplePass(t testing.TB, l *LayerOf[float64], c sampleCase, pool Pool) *samplePass {
	t.Helper()
	rows := c.samples * c.rows
	w := l.NewWork(rows)
	w.SetPool(pool)
	if err := w.Shape(c.samples, c.rows); err != nil {
		t.Fatal(err)
	}
	full := func() View64 { return Matrix(make([]float64, rows*sampleCols), rows, sampleCols) }
	row := func() View64 { return Matrix(make([]float64, c.samples*sampleCols), c.samples, sampleCols) }
	return &samplePass{w: w, c: c, y: full(), z: full(), m: row(), dx: full(), dscale: row(), x: Matrix(c.x, rows, sampleCols),
		scale: Matrix(c.scale, c.samples, sampleCols), dy: Matrix(c.dy, rows, sampleCols), unused: full(), empty: row()}
}

func (p *samplePass) forward(run func() error) error {
	p.w.In(&p.x, &p.scale)
	p.w.Out(&p.y, &p.z, &p.m)
	p.w.Keep(0, p.c.keep)
	return run()
}

func (p *samplePass) backward(mode GradMode, run func(GradMode) error) error {
	p.w.Cotangents(&p.dy, &p.unused, &p.empty)
	p.w.Gradients(&p.dx, &p.dscale)
	return run(mode)
}

// note adds what the pass left to o: values of rows and samples at the end of
// what is there, those of the batch as they are.
func (p *samplePass) note(o outcome) {
	f := &p.w.frame
	for name, v := range map[string][]float64{"y": p.y.Data, "z": p.z.Data, "m": p.m.Data, "dx": p.dx.Data, "dscale": p.dscale.Data} {
		o[name] = append(o[name], v...)
	}
	for i, s := range p.w.Stats() {
		if p.w.layer.spec.Stats[i].Batch {
			o["stat "+s.Name] = s.Values
		} else {
			o["stat "+s.Name] = append(o["stat "+s.Name], s.Values...)
		}
	}
	for i, name := range []string{"groups", "samples", "rows"} {
		o["mean of "+name], o["ss of "+name] = f.Mean[i], f.SS[i]
	}
	o["sum of means"] = f.Sum[1]
	for name, v := range map[string][][]float64{"mean of sample groups": p.w.segments.mean, "ss of sample groups": p.w.segments.square} {
		o[name] = append(o[name], v[1]...)
	}
}

// plain computes the outcome in the order of the definitions.
func (c sampleCase) plain() outcome {
	o := outcome{}
	add := func(name string, v ...float64) { o[name] = append(o[name], v...) }
	var rows, groups, means [][]float64
	sumY, sumMean, far := make([]float64, sampleCols), make([]float64, sampleCols), 0.0
	for n := range c.samples {
		var kept, tops [][]float64
		total := 0.0
		for s := range c.rows {
			x := c.row(c.x, n, s)
			for _, v := range x {
				total += v
			}
			if c.keep == nil || c.keep[n*c.rows+s] {
				kept = append(kept, x)
				tops = append(tops, []float64{max(x[0], x[1], x[2]), max(x[3], x[4], x[5])})
			}
		}
		rows, groups = append(rows, kept...), append(groups, tops...)
		mean, ss := momentsOf(kept, sampleCols)
		topMean, topSS := momentsOf(tops, 2)
		add("mean of sample groups", topMean...)
		add("ss of sample groups", topSS...)
		means = append(means, mean)
		scale := c.scale[n*sampleCols:][:sampleCols]
		energy, dscale := make([]float64, sampleCols), make([]float64, sampleCols)
		for s := range c.rows {
			for j, x := range c.row(c.x, n, s) {
				rstd, dy := 1/math.Sqrt(ss[j]/max(1, float64(len(kept)))+1), c.row(c.dy, n, s)[j]
				xhat := (x - mean[j]) * rstd
				add("y", xhat*scale[j])
				add("dx", dy*scale[j]*rstd)
				energy[j] += xhat * scale[j] * xhat * scale[j]
				dscale[j] += dy * xhat
				sumY[j] += xhat * scale[j]
			}
		}
		add("m", mean...)
		add("dscale", dscale...)
		add("stat mean", mean...)
		add("stat energy", energy...)
		add("stat total", total)
		far += total
		for j, m := range mean {
			sumMean[j] += m
		}
	}
	for i, x := range c.x {
		add("z", x+sumY[i%sampleCols]/float64(c.samples*c.rows))
	}
	add("stat y", sumY...)
	add("stat far", far)
	add("sum of means", sumMean...)
	o["mean of rows"], o["ss of rows"] = momentsOf(rows, sampleCols)
	o["mean of groups"], o["ss of groups"] = momentsOf(groups, 2)
	o["mean of samples"], o["ss of samples"] = momentsOf(means, sampleCols)
	return o
}

func (c sampleCase) row(data []float64, n, s int) []float64 {
	return data[(n*c.rows+s)*sampleCols:][:sampleCols]
}

// momentsOf are the moments of the columns of rows; zeros if there are none.
func momentsOf(rows [][]float64, cols int) (mean, ss []float64) {
	mean, ss = make([]float64, cols), make([]float64, cols)
	for _, r := range rows {
		for j, v := range r {
			mean[j] += v / float64(len(rows))
		}
	}
	for _, r := range rows {
		for j, v := range r {
			ss[j] += (v - mean[j]) * (v - mean[j])
		}
	}
	return mean, ss
}
