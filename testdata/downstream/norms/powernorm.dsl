// The four layers that the program compares. All but LayerNorm keep statistics
// of each channel over the tokens of a batch.

norm PowerNorm(eps = 1e-5, alpha = 0.9) {
  in    x[N..., C]
  mask  keep[N]
  param gamma[C] = 1, beta[C] = 0
  state psi2[C] = 1 where psi2 >= 0, nu[C] = 0
  let   xh = x * rsqrt(psi2 + eps)
  mode train {
    stat   b[C] = mean<N | keep>(x^2)
    update psi2 := ema(psi2, b, 1 - alpha)
    backward approximate (dy) {
      let    g = dy*gamma
      stat   Gam[C] = mean<N | keep>(xh^2), Lam[C] = mean<N | keep>(g*xh)
      grad   x = (g - nu*xh) * rsqrt(psi2 + eps)
      update nu := nu * (1 - (1-alpha)*Gam) + (1-alpha)*Lam
    }
  }
  out y = gamma*xh + beta
}

norm PNV(eps = 1e-5, momentum = 0.1) {
  in      x[N..., C]
  mask    keep[N]
  reduce  N
  scale   sqrt(ms + eps)
  running ms ema momentum
  affine  * gamma[C] = 1, + beta[C] = 0
}

norm BatchNorm(eps = 1e-5, momentum = 0.1) {
  in      x[N..., C]
  mask    keep[N]
  reduce  N
  shift   mean
  scale   sqrt(var + eps)
  running mean, unbiased var ema momentum
  affine  * gamma[C] = 1, + beta[C] = 0
}

norm LayerNorm(eps = 1e-5) {
  in     x[R..., C]
  reduce C
  shift  mean
  scale  sqrt(var + eps)
  affine * gamma[C] = 1, + beta[C] = 0
}

gen PowerNorm { shape C = 64, any; dtype f32; target go, avx2, avx512 }
gen PNV       { shape C = 64, any; dtype f32; target go, avx2, avx512 }
gen BatchNorm { shape C = 64, any; dtype f32; target go, avx2, avx512 }
gen LayerNorm { shape C = 64, any; dtype f32; target go, avx2, avx512 }
