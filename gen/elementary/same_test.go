package elementary

import (
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// patterns is how many random patterns each function is compared on.
const patterns = 1 << 20

// TestSame holds runtime, as compiled, to the programs, bit for bit. A NaN has
// no bits.
func TestSame(t *testing.T) {
	for _, f := range functions {
		r := rand.New(rand.NewPCG(3, uint64(f.op)))
		for i := range patterns {
			x, y := draw(r, i)
			if got, want := f.in32(x), Eval32(f.op, x); math.Float32bits(got) != math.Float32bits(want) && got == got {
				t.Fatalf("%v(%x) is %x in float32, the program gives %x", f.op, x, got, want)
			}
			if got, want := f.in64(y), Eval64(f.op, y); math.Float64bits(got) != math.Float64bits(want) && got == got {
				t.Fatalf("%v(%x) is %x in float64, the program gives %x", f.op, y, got, want)
			}
		}
	}
}

// draw returns numbers of both types: any pattern, or every other time a number
// of size 1/16 to 16, where the functions have their choices.
func draw(r *rand.Rand, i int) (float32, float64) {
	if i%2 == 0 {
		return math.Float32frombits(r.Uint32()), math.Float64frombits(r.Uint64())
	}
	x := math.Copysign(math.Exp2(8*r.Float64()-4), r.NormFloat64())
	return float32(x), x
}

// TestNothingFused holds the compiled functions to no fused operation, on
// processors that have them.
func TestNothingFused(t *testing.T) {
	for _, c := range []struct{ arch, fused string }{
		{"amd64", `\sVFN?M(ADD|SUB)\w*\s`},
		{"arm64", `\sFN?M(ADD|SUB)[SD]\s`},
	} {
		cmd := exec.Command("go", "build", "-gcflags=-S", "github.com/normgen/normgen/runtime")
		cmd.Env = append(os.Environ(), "GOARCH="+c.arch, "GOAMD64=v3", "CGO_ENABLED=0")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%.2000s", err, out)
		}
		ours := regexp.MustCompile(`^github\.com/normgen/normgen/runtime\.(exp|log|tanh|erf)(32|64) STEXT`)
		fused := regexp.MustCompile(c.fused)
		seen, in := 0, ""
		for line := range strings.Lines(string(out)) {
			if !strings.HasPrefix(line, "\t") {
				if in = ours.FindString(line); in != "" {
					seen++
				}
			} else if in != "" && fused.MatchString(line) {
				t.Errorf("%s: fused in %s:%s", c.arch, in, line)
			}
		}
		if seen != 2*len(functions) {
			t.Errorf("%s: the listing has %d functions, want %d", c.arch, seen, 2*len(functions))
		}
	}
}

// TestSpecial spells out results that have no distance: zeros with their signs,
// infinities, NaN.
func TestSpecial(t *testing.T) {
	inf, nan, zero := math.Inf(1), math.NaN(), math.Copysign(0, -1)
	want := map[string][][2]float64{
		"exp":  {{0, 1}, {zero, 1}, {inf, inf}, {-inf, 0}, {nan, nan}, {1e30, inf}, {-1e30, 0}, {1e-30, 1}},
		"log":  {{0, -inf}, {zero, -inf}, {-1, nan}, {-inf, nan}, {-1e-30, nan}, {inf, inf}, {nan, nan}, {1, 0}},
		"tanh": {{0, 0}, {zero, zero}, {inf, 1}, {-inf, -1}, {nan, nan}, {30, 1}, {-30, -1}},
		"erf":  {{0, 0}, {zero, zero}, {inf, 1}, {-inf, -1}, {nan, nan}, {30, 1}, {-30, -1}},
	}
	for _, f := range functions {
		cases := want[f.op.String()]
		if len(cases) == 0 {
			t.Errorf("%v has no cases", f.op)
		}
		for _, c := range cases {
			for width, got := range map[int]float64{32: float64(f.in32(float32(c[0]))), 64: f.in64(c[0])} {
				if math.Float64bits(got) != math.Float64bits(c[1]) && !(got != got && c[1] != c[1]) {
					t.Errorf("%v(%v) is %v in %d bits, want %v", f.op, c[0], got, width, c[1])
				}
			}
		}
	}
}
