// OnePass is LayerNorm with the textbook's formula for the variance.
norm OnePass(eps = 1e-5) {
  in   x[R..., C]
  stat mean[R] = mean<C>(x), ms[R] = mean<C>(x^2)
  out  y = (x - mean) * rsqrt(ms - mean^2 + eps)
}
