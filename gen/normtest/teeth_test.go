package normtest

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/normgen/normgen/generated/powernorm"
	"github.com/normgen/normgen/generated/standard"
	"github.com/normgen/normgen/generated/variants"
)

// specs that the layers beside them were not generated from. Forms are the same.
const (
	layerNorm = `norm T(eps = 1e-5) {
  in     x[R..., C]
  reduce C
  shift  mean
  scale  sqrt(var + eps)
  affine * gamma[C] = 1, + beta[C] = 0
}`
	rmsNorm = `norm T(eps = 1e-6) {
  in     x[R..., C]
  reduce C
  scale  sqrt(ms + eps)
  affine * gamma[C] = 1
}`
	epsOutside = `norm T(eps = 1e-6) {
  in     x[R..., C]
  stat   ms[R] = mean<C>(x^2)
  param  gamma[C] = 1
  out    y = x / (sqrt(ms) + eps) * gamma
}`
	detached = `norm T(eps = 1e-6) {
  in     x[R..., C]
  stat   ms[R] = mean<C>(x^2)
  param  gamma[C] = 1
  out    y = x * rsqrt(detach(ms) + eps) * gamma
}`
	columns = `norm T(eps = 1e-5, alpha = 0.9) {
  in    x[N..., C]
  mask  keep[N]
  param gamma[C] = 1, beta[C] = 0
  state psi2[C] = 1 where psi2 >= 0, nu[C] = 0
  out y = gamma*x*rsqrt(psi2 + eps) + beta
}`
)

// TestTeeth gives each comparison a layer that breaks it, and one that does not.
func TestTeeth(t *testing.T) {
	bits := func(tb testing.TB, t *target, c Case) { compareBits[float32](tb, t, c, ISAs()...) }
	meaning := func(tb testing.TB, t *target, c Case) { t.compareMeaning(tb, c) }
	narrow := func(f func(k *mirror[float32])) func(tb testing.TB, t *target, c Case) {
		return func(tb testing.TB, t *target, c Case) {
			if k := newMirror[float32](tb, t, c); k != nil {
				f(k)
			}
		}
	}
	wide := func(f func(k *mirror[float64])) func(tb testing.TB, t *target, c Case) {
		return func(tb testing.TB, t *target, c Case) {
			if k := newMirror[float64](tb, t, c); k != nil {
				f(k)
			}
		}
	}
	for _, c := range []struct {
		what, text         string
		newNarrow, newWide any
		check              func(tb testing.TB, t *target, c Case)
		breaks             bool
	}{
		{"bits", rmsNorm, standard.NewRMSNorm, standard.NewRMSNorm64, bits, false},
		{"bits, eps elsewhere", epsOutside, standard.NewRMSNorm, standard.NewRMSNorm64, bits, true},
		{"meaning", rmsNorm, standard.NewRMSNorm, standard.NewRMSNorm64, meaning, false},
		{"meaning, eps elsewhere", epsOutside, standard.NewRMSNorm, standard.NewRMSNorm64, meaning, true},
		{"meaning, another gradient", detached, standard.NewRMSNorm, standard.NewRMSNorm64, meaning, true},
		{"scalings", rmsNorm, standard.NewRMSNorm, standard.NewRMSNorm64, narrow((*mirror[float32]).scalings), false},
		{"scalings, none", rmsNorm, largeEps, nil, narrow((*mirror[float32]).scalings), true},
		{"Euler", rmsNorm, standard.NewRMSNorm, standard.NewRMSNorm64, wide((*mirror[float64]).scalings), false},
		{"shifts", layerNorm, standard.NewLayerNorm, standard.NewLayerNorm64, wide((*mirror[float64]).shifts), false},
		{"shifts, none", layerNorm, variants.NewRMSNormBias, variants.NewRMSNormBias64, wide((*mirror[float64]).shifts), true},
		{"order", rmsNorm, standard.NewRMSNorm, standard.NewRMSNorm64, narrow((*mirror[float32]).order), false},
		{"order, of a batch", columns, powernorm.NewPowerNorm, powernorm.NewPowerNorm64, narrow((*mirror[float32]).order), false},
		{"linear", rmsNorm, standard.NewRMSNorm, standard.NewRMSNorm64, narrow((*mirror[float32]).linear), false},
		{"linear, not", columns, powernorm.NewPowerNorm, powernorm.NewPowerNorm64, narrow((*mirror[float32]).linear), true},
	} {
		t.Run(c.what, func(t *testing.T) {
			n, err := newTarget(Spec{"t.dsl", c.text + "\ngen T { shape C = any; dtype f32, f64 }\n"}, "T", c.newNarrow, c.newWide)
			if err != nil {
				t.Fatal(err)
			}
			message := ""
			for _, s := range Seeds {
				if message = caught(func(tb testing.TB) { c.check(tb, n, s) }); message != "" {
					break
				}
			}
			if (message != "") != c.breaks {
				t.Errorf("found: %q, want something: %v", message, c.breaks)
			}
		})
	}
}

// largeEps is a layer that does not take its eps.
func largeEps(cols int, o standard.RMSNormOptions) (*standard.RMSNorm, error) {
	return standard.NewRMSNorm(cols, standard.RMSNormOptions{Eps: 1})
}

// failures is a test that keeps what makes it fail.
type failures struct {
	testing.TB
	message string
}

func (f *failures) Helper()                   {}
func (f *failures) Errorf(s string, a ...any) { f.message += fmt.Sprintf(s, a...) }
func (f *failures) Fatalf(s string, a ...any) { f.Errorf(s, a...); runtime.Goexit() }
func (f *failures) Fatal(a ...any)            { f.Errorf("%s", fmt.Sprint(a...)); runtime.Goexit() }

// caught runs a check and returns why it fails, if it does.
func caught(check func(tb testing.TB)) string {
	f, done := &failures{}, make(chan struct{})
	go func() {
		defer close(done)
		check(f)
	}()
	<-done
	return f.message
}
