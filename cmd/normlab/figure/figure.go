// Package figure draws curves as PNG and SVG.
package figure

import (
	"errors"
	"image/color"
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Figure is a panel of curves.
type Figure struct {
	Title, X, Y string
	LogY        bool
	LogX        bool // by powers of two
	Curves      []Curve
}

// A Curve is points from left to right. A point that is not finite, or not above 0 on
// a logarithmic axis, is a gap.
type Curve struct {
	Label    string
	X, Y     []float64
	Low, Top []float64 // of a band around the curve, as long as X; nil: none
	Dots     bool
	Dashed   bool
	Colour   int // in the palette; curves of one thing share it
}

// palette is that of Okabe and Ito, which people with any colour vision can tell
// apart.
var palette = []color.RGBA{{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255},
	{230, 159, 0, 255}, {86, 180, 233, 255}, {0, 0, 0, 255}, {140, 140, 140, 255}}

const width, height = 6.4 * vg.Inch, 4 * vg.Inch // without the legend

// ErrEmpty says that no curve has a point that can be drawn.
var ErrEmpty = errors.New("a figure without a point")

// Formats are those that Draw knows.
var Formats = []string{"png", "svg"}

// Draw writes the figure in a format.
func (f *Figure) Draw(w io.Writer, format string) error {
	p, err := f.plot()
	if err != nil {
		return err
	}
	legend := p.Legend
	p.Legend = plot.NewLegend()
	beside := f.beside(&legend)
	c, err := draw.NewFormattedCanvas(width+beside, height, format)
	if err != nil {
		return err
	}
	whole := draw.New(c)
	p.Draw(draw.Crop(whole, 0, -beside, 0, 0))
	legend.Top, legend.Left, legend.Padding = true, true, vg.Points(3)
	legend.Draw(draw.Crop(whole, width+vg.Points(6), 0, 0, -0.3*vg.Inch))
	_, err = c.WriteTo(w)
	return err
}

// beside is the room that the legend takes.
func (f *Figure) beside(legend *plot.Legend) vg.Length {
	var widest vg.Length
	for _, c := range f.Curves {
		widest = max(widest, legend.TextStyle.Width(c.Label))
	}
	return legend.ThumbnailWidth + widest + vg.Points(20)
}

func (f *Figure) plot() (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = f.Title, f.X, f.Y
	p.Add(plotter.NewGrid())
	for i := range f.Curves { // behind all curves
		if err := f.addBand(p, &f.Curves[i]); err != nil {
			return nil, err
		}
	}
	drawn := false
	for i := range f.Curves {
		some, err := f.add(p, &f.Curves[i])
		if err != nil {
			return nil, err
		}
		drawn = drawn || some
	}
	if !drawn {
		return nil, ErrEmpty
	}
	if f.LogY {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, logTicks{10}
		if p.Y.Min == p.Y.Max {
			p.Y.Min, p.Y.Max = p.Y.Min/2, p.Y.Max*2
		}
	}
	if f.LogX {
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, logTicks{2}
		p.X.Min, p.X.Max = p.X.Min/1.2, p.X.Max*1.2
	}
	return p, nil
}

// logTicks puts a mark at every power of a base.
type logTicks struct{ base float64 }

// Ticks returns the marks between two numbers.
func (b logTicks) Ticks(from, to float64) []plot.Tick {
	if from <= 0 {
		from = to / 1e6
	}
	var out []plot.Tick
	for e := math.Ceil(math.Log(from)/math.Log(b.base) - 1e-9); ; e++ {
		v := math.Pow(b.base, e)
		if v > to*(1+1e-9) {
			break
		}
		out = append(out, plot.Tick{Value: v, Label: label(v)})
	}
	if len(out) < 2 { // less than a decade
		out = append(out, plot.Tick{Value: from, Label: label(from)}, plot.Tick{Value: to, Label: label(to)})
	}
	return out
}
