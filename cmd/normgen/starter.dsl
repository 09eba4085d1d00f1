// A spec for normgen: edit it, then run  normgen -spec NAME.dsl
// The language is described in dsl/LANGUAGE.md; normgen fmt -w lays a spec out.

// A norm that exists already is taken from a library; normgen list shows what
// there is. Knobs, the numbers in parentheses, may get another default.
use RMSNorm(eps = 1e-5) as PlainRMSNorm from "standard"

// Centred shows the everyday form. Axes have names: R... is any number of
// leading axes, C is the last one. "reduce C" says that the statistics run over
// C, so each row has its own.
norm Centred(eps = 1e-5) {
  in     x[R..., C]
  reduce C
  shift  mean             // x - mean
  scale  sqrt(var + eps)  // divided by this; also ms, std and norm
  affine * gamma[C] = 1, + beta[C] = 0
}

// Running shows the language below: equations. Here the statistic runs over the
// rows that keep selects, and a state remembers it for inference.
norm Running(eps = 1e-5, momentum = 0.1) {
  in    x[N..., C]
  mask  keep[N]
  param gamma[C] = 1
  state rv[C] = 1 where rv >= 0
  mode train {
    stat   ms[C] = mean<N | keep>(x^2)
    let    power = ms
    update rv := ema(rv, ms, momentum)  // (1 - momentum)*rv + momentum*ms
  }
  mode eval { let power = rv }
  out y = x * rsqrt(power + eps) * gamma  // its gradient is derived
}

// What to generate: widths to specialise for (any: the rest), storage types.
// A norm without a gen gets f32 and any width.
gen PlainRMSNorm { shape C = 512, any; dtype f32, f64 }
gen Running { dtype f32, f64 }
