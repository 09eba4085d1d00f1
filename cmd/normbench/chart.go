package main

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// palette is that of Okabe and Ito, which people with any colour vision can tell
// apart; the colour is the norm's.
var palette = []color.RGBA{{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255},
	{230, 159, 0, 255}, {86, 180, 233, 255}, {0, 0, 0, 255}}

// dashes tell the passes apart.
var dashes = map[op][]vg.Length{backward: {vg.Points(6), vg.Points(3)}, infer: {vg.Points(1.5), vg.Points(2.5)}}

// A curve is a line of the chart.
type curve struct {
	norm    string
	op      op
	isa     string
	workers int
}

// drawChart draws time over limit by the size of a tensor to a PNG file.
func drawChart(file string, results []result) error {
	p := plot.New()
	p.Title.Text = "Time over the time to move the same bytes"
	p.X.Label.Text, p.Y.Label.Text = "size of a tensor, KiB", "time / limit"
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = powers{2}, powers{2}
	p.Legend.Top, p.Legend.XOffs = true, vg.Points(-6)
	p.Add(plotter.NewGrid())
	top := 2.0
	var norms []string
	for _, c := range curves(results) {
		i := slices.Index(norms, c.norm)
		if i < 0 {
			i = len(norms)
			norms = append(norms, c.norm)
		}
		points := c.points(results)
		if err := add(p, c, points, palette[i%len(palette)]); err != nil {
			return err
		}
		for _, xy := range points {
			top = max(top, xy.Y)
		}
	}
	p.Y.Min, p.Y.Max = min(p.Y.Min, 1), top*1.1
	return p.Save(10*vg.Inch, 7*vg.Inch, file)
}

// curves lists the curves in the order of the results.
func curves(results []result) []curve {
	var out []curve
	for _, r := range results {
		if c := (curve{r.Norm, r.Op, r.ISA, r.Workers}); !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// points returns the curve's points from small to large.
func (c curve) points(results []result) plotter.XYs {
	var out plotter.XYs
	for _, r := range results {
		if c == (curve{r.Norm, r.Op, r.ISA, r.Workers}) {
			s, _ := parseShape(r.Shape)
			out = append(out, plotter.XY{X: float64(4*s.elements()) / 1024, Y: r.OverLimit})
		}
	}
	slices.SortFunc(out, func(a, b plotter.XY) int { return cmp.Compare(a.X, b.X) })
	return out
}

func add(p *plot.Plot, c curve, points plotter.XYs, colour color.Color) error {
	line, dots, err := plotter.NewLinePoints(points)
	if err != nil {
		return err
	}
	line.Color, line.Width, line.Dashes = colour, vg.Points(1.5), dashes[c.op]
	dots.Color, dots.Shape, dots.Radius = colour, draw.CircleGlyph{}, vg.Points(2.5)
	p.Add(line, dots)
	p.Legend.Add(strings.TrimSpace(fmt.Sprintf("%s %s, %s, %d", c.norm, c.op, c.isa, c.workers)), line)
	return nil
}

// powers puts a mark at every power of a base.
type powers struct{ base float64 }

// Ticks returns the marks between two numbers.
func (b powers) Ticks(from, to float64) []plot.Tick {
	var out []plot.Tick
	for e := math.Ceil(math.Log(from) / math.Log(b.base)); ; e++ {
		v := math.Pow(b.base, e)
		if v > to {
			return out
		}
		out = append(out, plot.Tick{Value: v, Label: fmt.Sprintf("%.4g", v)})
	}
}
