// Norms at the end of a residual branch: the sum is normalized, and handed on.
// The gradients of both inputs are one value, so one tensor holds it, and the
// backward reads the sum rather than the inputs.

// AddLayerNorm is LayerNorm of x + residual.
norm AddLayerNorm(eps = 1e-5) {
  in    x[R..., C], residual[R..., C]
  param gamma[C] = 1, beta[C] = 0
  let   h       = x + residual
  stat  mean[R] = mean<C>(h)
  let   hc      = h - mean
  stat  var[R]  = mean<C>(hc^2)
  out   y = hc * rsqrt(var + eps) * gamma + beta, hout = h
}

// AddRMSNorm is RMSNorm of x + residual.
norm AddRMSNorm(eps = 1e-6) {
  in    x[R..., C], residual[R..., C]
  param gamma[C] = 1
  let   h     = x + residual
  stat  ms[R] = mean<C>(h^2)
  out   y = h * rsqrt(ms + eps) * gamma, hout = h
}

gen AddLayerNorm { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen AddRMSNorm { shape C = any; dtype f32, f64; target go, avx2, avx512 }
