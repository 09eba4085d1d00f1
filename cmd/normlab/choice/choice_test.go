package choice

import (
	"strings"
	"testing"

	"github.com/normgen/normgen/generated"
	"github.com/normgen/normgen/runtime"
)

var library = Catalogue(generated.Catalogue())

// TestParse finds norms by what people call them.
func TestParse(t *testing.T) {
	names := Names{"heads": 4, "warmup": 400}
	for text, want := range map[string]string{
		"LayerNorm":                            "LayerNorm",
		"layer":                                "LayerNorm",
		"layernorm":                            "LayerNorm",
		" pnv ":                                "PNV",
		"power":                                "PowerNorm", // and not PowerNormReleased, which begins so
		"batch":                                "BatchNorm",
		"rms:eps=1e-3":                         "RMSNorm:eps=0.001",
		"PowerNorm:alpha=0":                    "PowerNorm:alpha=0",
		"powernormr:w=warmup:K=heads":          "PowerNormReleased:K=4:W=400",
		"PowerNormReleased: W = 7 : af = -1e3": "PowerNormReleased:W=7:af=-1000",
	} {
		n, err := library.Parse(text, names)
		if err != nil {
			t.Error(err)
			continue
		}
		if n.String() != want {
			t.Errorf("%q is %s, want %s", text, n, want)
		}
		if again, err := library.Parse(n.String(), nil); err != nil || again.String() != want {
			t.Errorf("%s is read as %v (%v)", n, again, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                     "a norm without a name",
		"layr":                 `no norm is called "layr"; near it are LayerNorm`,
		"rmsn":                 `"rmsn" could be RMSNorm, RMSNormBias, `,
		"rmsnorm:eps":          `"eps" sets nothing: knobs are set as name=value`,
		"rmsnorm:epsilon=1":    "no knob epsilon: it is RMSNorm(eps = 1e-06)",
		"rmsnorm:eps=small":    `"small" is neither a number nor one of heads`,
		"rmsnorm:eps=NaN":      "neither a number",
		"rmsnorm:eps=1e999":    "neither a number",
		"rmsnorm:eps=1=2":      "neither a number",
		"powernorm:alpha=0.9:": `"" sets nothing`,
	} {
		n, err := library.Parse(text, Names{"heads": 4})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v (%v), want %q", text, err, n, want)
		}
	}
}

// TestFirstCounts: a norm of the user's own hides the library's.
func TestFirstCounts(t *testing.T) {
	own := runtime.Maker{Name: "LayerNorm", Mixes: true}
	n, err := append(Catalogue{own}, library...).Parse("layer", nil)
	if err != nil || !n.Maker.Mixes {
		t.Errorf("the library's norm came first (%v)", err)
	}
}

// TestPlaces reads lists as the paper's scripts have them.
func TestPlaces(t *testing.T) {
	for _, c := range []struct {
		list       string
		translator bool
		want       string // encoder attention, feed-forward, decoder ditto, finals
		mixing     string
	}{
		{"layer", true, "LayerNorm", ""},
		{"power,power,layer,layer", true, "PowerNorm,PowerNorm,LayerNorm,LayerNorm,PowerNorm,LayerNorm", ""},
		{"power,pnv,layer,batch", true, "PowerNorm,PNV,LayerNorm,BatchNorm,PNV,BatchNorm", "BatchNorm"},
		{"pnv,pnv,layer,layer,rms", true, "PNV,PNV,LayerNorm,LayerNorm,RMSNorm,RMSNorm", ""},
		{"pnv,pnv,layer,layer,rms,batch", true, "PNV,PNV,LayerNorm,LayerNorm,RMSNorm,BatchNorm", "BatchNorm"},
		{"pnv", false, "PNV", "PNV"},
		{"batch,layer", false, "BatchNorm,LayerNorm,LayerNorm", "BatchNorm"},
		{"batch,layer,pnv", false, "BatchNorm,LayerNorm,PNV", "BatchNorm PNV"},
		{"layer,layer", false, "LayerNorm", ""},
	} {
		p, err := library.ParsePlaces(c.list, c.translator, nil)
		if err != nil {
			t.Error(err)
			continue
		}
		if p.String() != c.want || strings.Join(p.Mixing(), " ") != c.mixing {
			t.Errorf("%s: %s, mixing %v", c.list, &p, p.Mixing())
		}
		again, err := library.ParsePlaces(p.String(), c.translator, nil)
		if err != nil || again.String() != p.String() {
			t.Errorf("%s is read as %s (%v)", &p, &again, err)
		}
	}
	for list, want := range map[string]string{"layer,layer,layer": "3 norms in the list: a translator takes 1 (all) or 4 (encoder attention",
		"layer,,layer,layer": "a norm without a name"} {
		if _, err := library.ParsePlaces(list, true, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", list, err, want)
		}
	}
	if _, err := library.ParsePlaces("a,b,c,d", false, nil); err == nil {
		t.Error("a list of unknown norms was read")
	}
}

// TestPlacesMake makes layers at all positions, each its own.
func TestPlacesMake(t *testing.T) {
	p, err := library.ParsePlaces("rms:eps=0.5", true, nil)
	if err != nil {
		t.Fatal(err)
	}
	n := p.Norms()
	a, err := n.EncoderAttention(8)
	if err != nil {
		t.Fatal(err)
	}
	b, err := n.DecoderFinal(8)
	if err != nil || a == b || a.Name() != "RMSNorm" || b.Cols() != 8 {
		t.Errorf("%v and %v (%v)", a.Name(), b.Name(), err)
	}
	if got := p.Describe(); got != "RMSNorm(eps = 0.5) everywhere" {
		t.Error(got)
	}
}
