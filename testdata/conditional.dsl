// Norms whose scale and shift come from the sample, as inputs with a gradient:
// B samples of T tokens of C channels.

// AdaLN is LayerNorm with the scale and shift of each sample: Perez et al. 2018
// (FiLM), Peebles and Xie 2023 (DiT).
norm AdaLN(eps = 1e-6) {
  in   x[B, T, C], shifts[B, C], scales[B, C]
  stat mean[B, T] = mean<C>(x)
  let  xc         = x - mean
  stat var[B, T]  = mean<C>(xc^2)
  out  y = xc * rsqrt(var + eps) * (1 + scales) + shifts
}

// AdaLNZero adds the result to the residual stream through a gate of the sample,
// which starts at 0: Peebles and Xie 2023.
norm AdaLNZero(eps = 1e-6) {
  in   x[B, T, C], residual[B, T, C], shifts[B, C], scales[B, C], gates[B, C]
  stat mean[B, T] = mean<C>(x)
  let  xc         = x - mean
  stat var[B, T]  = mean<C>(xc^2)
  out  y = residual + gates*(xc * rsqrt(var + eps) * (1 + scales) + shifts)
}

gen AdaLN { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen AdaLNZero { shape C = any; dtype f32, f64; target go, avx2, avx512 }
