package main

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"os"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// palette is that of Okabe and Ito, which people with any colour vision can tell
// apart. A colour is a norm.
var palette = []color.RGBA{{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255},
	{230, 159, 0, 255}, {86, 180, 233, 255}, {0, 0, 0, 255}}

// strokes tell apart what else there is: kernels and numbers of workers.
var strokes = [][]vg.Length{nil, {vg.Points(6), vg.Points(3)}, {vg.Points(2), vg.Points(2)},
	{vg.Points(8), vg.Points(2), vg.Points(2), vg.Points(2)}}

// A curve is the points of one norm and kind.
type curve struct {
	label  string
	colour color.Color
	stroke []vg.Length
	holds  func(r *result) bool
}

const (
	panelWidth, panelHeight = 3.6 * vg.Inch, 4.6 * vg.Inch
	legendWidth             = 2.7 * vg.Inch
)

// drawChart draws time over limit by the size of a tensor to a PNG file: a panel
// for each pass, the same axes for all, one legend.
func drawChart(file string, results []result) error {
	curves := curvesOf(results)
	var panels []*plot.Plot
	for _, o := range ops {
		if of := only(o, results); len(of) > 0 {
			p, err := panel(o, of, curves)
			if err != nil {
				return err
			}
			panels = append(panels, p)
		}
	}
	share(panels)
	img := vgimg.New(panelWidth*vg.Length(len(panels))+legendWidth, panelHeight)
	c := draw.New(img)
	for i, p := range panels {
		left := panelWidth * vg.Length(i)
		p.Draw(draw.Crop(c, left, left+panelWidth-c.Size().X, 0, 0))
	}
	legend, err := legendOf(curves)
	if err != nil {
		return err
	}
	legend.Draw(draw.Crop(c, c.Size().X-legendWidth, 0, 0, -0.3*vg.Inch))
	return writePNG(file, img)
}

func writePNG(file string, img *vgimg.Canvas) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if _, err := (vgimg.PngCanvas{Canvas: img}).WriteTo(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// only returns the results of a pass.
func only(o op, results []result) []result {
	return slices.DeleteFunc(slices.Clone(results), func(r result) bool { return r.Op != o })
}

// curvesOf lists the curves in the order of the results.
func curvesOf(results []result) []curve {
	type kind struct {
		isa     string
		workers int
	}
	var norms, labels []string
	var kinds []kind
	var out []curve
	for _, r := range results {
		n, k := place(&norms, r.Norm), place(&kinds, kind{r.ISA, r.Workers})
		label := fmt.Sprintf("%s, %s × %d", r.Norm, r.ISA, r.Workers)
		if slices.Contains(labels, label) {
			continue
		}
		labels = append(labels, label)
		out = append(out, curve{label, palette[n%len(palette)], strokes[k%len(strokes)], func(s *result) bool {
			return s.Norm == r.Norm && s.ISA == r.ISA && s.Workers == r.Workers
		}})
	}
	return out
}

// place returns the index of v in the list, which it joins if it is new.
func place[T comparable](list *[]T, v T) int {
	i := slices.Index(*list, v)
	if i < 0 {
		i = len(*list)
		*list = append(*list, v)
	}
	return i
}

// panel plots the results of one pass.
func panel(o op, results []result, curves []curve) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = string(o), "size of a tensor (KiB)", "time / time to move the bytes"
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = powers{8}, powers{2}
	p.Add(plotter.NewGrid())
	for _, c := range curves {
		points := c.points(results)
		if len(points) == 0 {
			continue
		}
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return nil, err
		}
		c.style(line)
		dots.Color, dots.Shape, dots.Radius = c.colour, draw.CircleGlyph{}, vg.Points(2)
		p.Add(line, dots)
	}
	return p, nil
}

func (c curve) style(l *plotter.Line) {
	l.Color, l.Width, l.Dashes = c.colour, vg.Points(1.3), c.stroke
}

// points returns the curve's points from small to large.
func (c curve) points(results []result) plotter.XYs {
	var out plotter.XYs
	for i := range results {
		if r := &results[i]; c.holds(r) {
			out = append(out, plotter.XY{X: r.kibibytes(), Y: r.OverLimit})
		}
	}
	slices.SortFunc(out, func(a, b plotter.XY) int { return cmp.Compare(a.X, b.X) })
	return out
}

// share gives the panels the same axes, from the limit up.
func share(panels []*plot.Plot) {
	x0, x1, top := math.Inf(1), 0.0, 2.0
	bottom := 1.0
	for _, p := range panels {
		x0, x1 = min(x0, p.X.Min), max(x1, p.X.Max)
		bottom, top = min(bottom, p.Y.Min), max(top, p.Y.Max)
	}
	for _, p := range panels {
		p.X.Min, p.X.Max = x0/1.2, x1*1.2
		p.Y.Min, p.Y.Max = bottom, top*1.1
	}
}

func legendOf(curves []curve) (plot.Legend, error) {
	l := plot.NewLegend()
	l.Top, l.Left, l.Padding = true, true, vg.Points(3)
	for _, c := range curves {
		sample, err := plotter.NewLine(plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 0}})
		if err != nil {
			return l, err
		}
		c.style(sample)
		l.Add(c.label, sample)
	}
	return l, nil
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
		out = append(out, plot.Tick{Value: v, Label: fmt.Sprintf("%.5g", v)})
	}
}
