// The everyday norms, in clause form.

// LayerNorm normalizes each row over its channels.
norm LayerNorm(eps = 1e-5) {
  in     x[R..., C]
  reduce C
  shift  mean
  scale  sqrt(var + eps)
  affine * gamma[C] = 1, + beta[C] = 0
}

// RMSNorm does not centre: it divides by the root mean square alone.
norm RMSNorm(eps = 1e-6) {
  in     x[R..., C]
  reduce C
  scale  sqrt(ms + eps)
  affine * gamma[C] = 1
}

// BatchNorm normalizes each channel over the batch, and keeps running
// statistics for eval: the variance is biased in use and unbiased in store.
norm BatchNorm(eps = 1e-5, momentum = 0.1) {
  in      x[N..., C]
  mask    keep[N]
  reduce  N
  shift   mean
  scale   sqrt(var + eps)
  running mean, unbiased var ema momentum
  affine  * gamma[C] = 1, + beta[C] = 0
}

gen LayerNorm { shape C = 512, 768, 1024, any; dtype f32, f64; target go, avx2, avx512 }
gen RMSNorm { shape C = 512, 768, 1024, any; dtype f32, f64; target go, avx2, avx512 }
gen BatchNorm { shape C = 512, 768, 1024, any; dtype f32, f64; target go, avx2, avx512 }
