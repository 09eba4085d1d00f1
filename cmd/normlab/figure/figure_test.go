package figure

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"
)

func drawn(t *testing.T, f *Figure, format string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Draw(&b, format); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestDraw draws all that a figure can have, in both formats.
func TestDraw(t *testing.T) {
	f := &Figure{Title: "a & b", X: "x", Y: "y", LogX: true, LogY: true, Curves: []Curve{
		{Label: "first", X: []float64{1, 2, 4}, Y: []float64{1, 10, 5}, Low: []float64{0.5, 8, 4}, Top: []float64{2, 12, 6}},
		{Label: "second", X: []float64{1, 2, 4, 8}, Y: []float64{3, math.NaN(), 0, 7}, Dots: true, Dashed: true, Colour: 9},
		{Label: "nothing", X: []float64{1}, Y: []float64{math.Inf(1)}},
	}}
	picture, err := png.Decode(bytes.NewReader(drawn(t, f, "png")))
	if err != nil || picture.Bounds().Dx() < 500 {
		t.Fatalf("%v (%v)", picture.Bounds(), err)
	}
	svg := drawn(t, f, "svg")
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"first", "second", "a &amp; b"} {
		if !strings.Contains(string(svg), want) {
			t.Errorf("the SVG does not say %q", want)
		}
	}
	if strings.Contains(string(svg), "nothing") {
		t.Error("a curve without a point is in the legend")
	}
	if !bytes.Equal(svg, drawn(t, f, "svg")) {
		t.Error("the same figure gives other bytes")
	}
}

// TestPieces: what cannot be drawn is a gap.
func TestPieces(t *testing.T) {
	c := &Curve{X: []float64{1, 2, 3, 4, 5}, Y: []float64{1, math.NaN(), 2, 0, 3}}
	for _, f := range []struct {
		log  bool
		want []piece
	}{{false, []piece{{0, 1}, {2, 5}}}, {true, []piece{{0, 1}, {2, 3}, {4, 5}}}} {
		got := (&Figure{LogY: f.log}).pieces(c)
		if len(got) != len(f.want) {
			t.Fatalf("%v, want %v", got, f.want)
		}
		for i := range got {
			if got[i] != f.want[i] {
				t.Errorf("%v, want %v", got, f.want)
			}
		}
	}
}

func TestEmpty(t *testing.T) {
	f := &Figure{Curves: []Curve{{X: []float64{1}, Y: []float64{math.NaN()}}}}
	if err := f.Draw(io.Discard, "png"); !errors.Is(err, ErrEmpty) {
		t.Errorf("%v", err)
	}
}

// TestTicks puts marks at powers, and at the ends where there is no room for two.
func TestTicks(t *testing.T) {
	for _, c := range []struct {
		base, from, to float64
		want           string
	}{{10, 0.5, 2000, "1 10 100 1000"}, {2, 256, 1024, "256 512 1024"}, {10, 2, 5, "2 5"}} {
		var got []string
		for _, k := range (logTicks{c.base}).Ticks(c.from, c.to) {
			got = append(got, k.Label)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%v to %v: %s, want %s", c.from, c.to, s, c.want)
		}
	}
}
