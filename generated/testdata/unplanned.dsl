// Norms that have a meaning but no plan yet: only the interpreter runs them.

// RMSNormPartial takes its statistic of the first part p of each row and scales
// the whole row by it. No sweep knows a domain of columns, or an index.
norm RMSNormPartial(p = 0.0625, eps = 1e-6) {
  in    x[R..., C]
  param gamma[C] = 1
  let   head  = index(C) < floor(p*size(C))
  stat  ms[R] = mean<C | head>(x^2)
  out   y = x * rsqrt(ms + eps) * gamma
}
