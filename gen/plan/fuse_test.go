package plan

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/normgen/normgen/gen/ir"
)

// fuse is a*b + c rounded once, as arithmetic of any precision finds it: also where
// the float64 sum lies between two float32, and among the smallest.
func TestFuse(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	any := func() float32 {
		x := float32(1+r.Float64()) * float32(1-2*r.IntN(2))
		return float32(math.Ldexp(float64(x), r.IntN(40)-20))
	}
	try := func(a, b, c float32) {
		t.Helper()
		exact := new(big.Float).SetPrec(400).SetFloat64(float64(a))
		exact.Mul(exact, new(big.Float).SetFloat64(float64(b)))
		exact.Add(exact, new(big.Float).SetFloat64(float64(c)))
		want, _ := exact.Float32()
		if got := fuse(float64(a)*float64(b), float64(c)); math.Float32bits(got) != math.Float32bits(want) && want != 0 {
			t.Fatalf("%v*%v + %v is %v, want %v", a, b, c, got, want)
		}
	}
	for range 200_000 {
		a, b, c := any(), any(), any()
		try(a, b, c)
		// A sum that float64 rounds onto the middle of two float32.
		x := 1 + float32(r.IntN(1<<22)*2+1)*0x1p-23
		try(x, 1+0x1p-23, float32(math.Ldexp(float64(c), -60)))
		try(1+0x1p-12, 1+0x1p-12, float32(math.Copysign(0x1p-60, float64(c)))) // 1 + 2^-11 + 2^-24, a middle
		try(float32(math.Ldexp(float64(a), -70)), float32(math.Ldexp(float64(b), -70)), 0x1p-149)
	}
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range [][3]float32{{inf, 1, 2}, {1, 1, inf}, {math.MaxFloat32, 2, 0}, {math.MaxFloat32, 2, -math.MaxFloat32}} {
		want := float32(float64(c[0])*float64(c[1]) + float64(c[2]))
		if got := fuse(float64(c[0])*float64(c[1]), float64(c[2])); got != want {
			t.Errorf("%v is %v, want %v", c, got, want)
		}
	}
	if got := fuse(math.Inf(1), float64(-inf)); got == got || fuse(float64(nan), 1) == 0 {
		t.Error("infinity less infinity is", got)
	}
	if z := fuse(math.Copysign(0, -1), math.Copysign(0, -1)); !math.Signbit(float64(z)) {
		t.Error("-0 + -0 is", z)
	}
}

// A product is left if all that the body does with it is one addition.
func TestLeft(t *testing.T) {
	f := &ir.Func{}
	leaf := func(name string) *ir.Value { return f.Load(&ir.Leaf{Kind: ir.InputLeaf, Name: name, Dims: []int{0}}) }
	x, y := leaf("x"), leaf("y")
	once, twice, squared := f.Apply(ir.Mul, x, y), f.Apply(ir.Mul, x, x), f.Apply(ir.Mul, y, y)
	sum := f.Apply(ir.Add, once, twice)
	both := f.Apply(ir.Add, twice, y)
	self := f.Apply(ir.Add, squared, squared)
	factor := f.Apply(ir.Mul, x, x)
	difference := f.Apply(ir.Sub, y, f.Apply(ir.Mul, factor, y))
	root := f.Apply(ir.Mul, y, x)
	body := []*ir.Value{once, twice, squared, sum, both, self, factor, difference.Args[1], difference, root}
	got := left(body)
	for v, want := range map[*ir.Value]bool{once: true, twice: false, squared: false, sum: false, factor: false, difference.Args[1]: true, root: true} {
		if got[v] != want {
			t.Errorf("v%d (%s) is left: %v", v.ID, v.Op, got[v])
		}
	}
	for _, c := range []struct {
		v, product, other *ir.Value
		sign              Sign
	}{{sum, once, twice, Plus}, {both, nil, nil, Plus}, {difference, difference.Args[1], y, MinusOff}, {f.Apply(ir.Sub, root, y), root, y, Minus}, {once, nil, nil, Plus}} {
		if p, other, s := Fused(c.v, got); p != c.product || other != c.other || s != c.sign {
			t.Errorf("v%d fuses %v, %v, %v", c.v.ID, p, other, s)
		}
	}
}
