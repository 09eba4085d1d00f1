package figure

import (
	"image/color"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// add draws a curve, and reports whether there was something to draw.
func (f *Figure) add(p *plot.Plot, c *Curve) (bool, error) {
	colour := palette[c.Colour%len(palette)]
	var named plot.Thumbnailer
	for _, piece := range f.pieces(c) {
		line, err := plotter.NewLine(c.points(piece))
		if err != nil {
			return false, err
		}
		line.Color, line.Width = colour, vg.Points(1.3)
		if c.Dashed {
			line.Dashes = []vg.Length{vg.Points(5), vg.Points(3)}
		}
		p.Add(line)
		named = line
		if c.Dots || piece.to-piece.from == 1 {
			dots, err := plotter.NewScatter(c.points(piece))
			if err != nil {
				return false, err
			}
			dots.Color, dots.Shape, dots.Radius = colour, draw.CircleGlyph{}, vg.Points(2)
			p.Add(dots)
		}
	}
	if named != nil && c.Label != "" {
		p.Legend.Add(c.Label, named)
	}
	return named != nil, nil
}

// addBand draws the band of a curve.
func (f *Figure) addBand(p *plot.Plot, c *Curve) error {
	colour := palette[c.Colour%len(palette)]
	for _, piece := range f.pieces(c) {
		band := c.band(piece)
		if band == nil {
			continue
		}
		area, err := plotter.NewPolygon(band)
		if err != nil {
			return err
		}
		area.Color, area.LineStyle.Width = color.NRGBA{colour.R, colour.G, colour.B, 45}, 0
		p.Add(area)
	}
	return nil
}

// A piece is a range of points without a gap.
type piece struct{ from, to int }

func (f *Figure) pieces(c *Curve) []piece {
	var out []piece
	open := false
	for i := range c.X {
		ok := f.drawable(c.X[i], f.LogX) && f.drawable(c.Y[i], f.LogY)
		if ok && !open {
			out = append(out, piece{i, i})
		}
		if open = ok; ok {
			out[len(out)-1].to = i + 1
		}
	}
	return out
}

func (f *Figure) drawable(v float64, log bool) bool { return v-v == 0 && (!log || v > 0) }

func (c *Curve) points(p piece) plotter.XYs {
	out := make(plotter.XYs, 0, p.to-p.from)
	for i := p.from; i < p.to; i++ {
		out = append(out, plotter.XY{X: c.X[i], Y: c.Y[i]})
	}
	return out
}

// band is the outline of the band: along its top and back along its bottom.
func (c *Curve) band(p piece) plotter.XYs {
	if c.Low == nil || p.to-p.from < 2 {
		return nil
	}
	var out plotter.XYs
	for i := p.from; i < p.to; i++ {
		out = append(out, plotter.XY{X: c.X[i], Y: c.Top[i]})
	}
	for i := p.to - 1; i >= p.from; i-- {
		out = append(out, plotter.XY{X: c.X[i], Y: c.Low[i]})
	}
	return out
}

func label(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }
