// Functions that take the place of a norm: no statistics, one scalar for all.

// DyT squashes with tanh: Zhu et al. 2025, Transformers without Normalization.
norm DyT {
  in    x[R..., C]
  param alpha = 0.5, gamma[C] = 1, beta[C] = 0
  out   y = tanh(alpha*x)*gamma + beta
}

// Derf squashes with erf, after a shift: Chen et al. 2025.
norm Derf {
  in    x[R..., C]
  param alpha = 0.5, s = 0, gamma[C] = 1, beta[C] = 0
  out   y = erf(alpha*x + s)*gamma + beta
}

gen DyT { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen Derf { shape C = any; dtype f32, f64; target go, avx2, avx512 }
