// Power normalization in three forms: the variant without running statistics
// in training, the published algorithm, and the code that was released.

// PNV divides by the root of the batch's second moment. Its backward is exact.
norm PNV(eps = 1e-5, momentum = 0.1) {
  in      x[N..., C]
  mask    keep[N]
  reduce  N
  scale   sqrt(ms + eps)
  running ms ema momentum
  affine  * gamma[C] = 1, + beta[C] = 0
}

// PowerNorm is the paper's Algorithm 2: forward and backward both use running
// values of the steps before, so no pass waits for a batch statistic.
norm PowerNorm(eps = 1e-5, alpha = 0.9) {
  in    x[N..., C]
  mask  keep[N]
  param gamma[C] = 1, beta[C] = 0
  state psi2[C] = 1 where psi2 >= 0, nu[C] = 0
  let   xh = x * rsqrt(psi2 + eps)  // a state read is its value before this step
  mode train {
    stat   b[C] = mean<N | keep>(x^2)
    update psi2 := ema(psi2, b, 1 - alpha)
    backward approximate (dy) {
      let    g = dy*gamma
      stat   Gam[C] = mean<N | keep>(xh^2), Lam[C] = mean<N | keep>(g*xh)
      grad   x = (g - nu*xh) * rsqrt(psi2 + eps)  // gamma and beta are not declared: derived
      update nu := nu * (1 - (1-alpha)*Gam) + (1-alpha)*Lam
    }
  }
  out y = gamma*xh + beta
}

// PowerNormReleased is sIncerass/powernorm, quirk for quirk: a scaling by
// groups comes first, the warm-up compares the step twice, with <= and with <,
// and the backward divides by the batch statistic and averages over padding.
norm PowerNormReleased(K = 1, W = 10000, eps = 1e-5, af = 0.9, ab = 0.9) {
  axis  C = K*D
  in    x[T, B, C]
  mask  keep[B, T]
  param gamma[C] = 1, beta[C] = 0
  state phi[C] = 1 where phi >= 0, e[C] = 0
  let   u = x * rsqrt(mean<D>(x^2) + 1e-5)
  mode train {
    stat v[C] = mean<T, B | keep>(u^2)
    let  z    = u * rsqrt((if step <= W then v else phi) + eps),
         phi1 = if step < W then phi + (v - phi)/step else phi
    update phi := ema(phi1, v, 1 - af)
    backward approximate (dy) {
      let    q = gamma*dy - (1 - ab)*e*z
      grad   u = q * rsqrt(v + eps)  // declared on an intermediate; from u to x it is derived
      update e := e + mean<T, B | all>(q*z)
    }
  }
  mode eval { let z = u * rsqrt(phi + eps) }
  out y = gamma*z + beta
}

gen PNV { shape C = 512, 768, 1024, any; dtype f32, f64; target go, avx2, avx512 }
gen PowerNorm { shape C = 512, 768, 1024, any; dtype f32, f64; target go, avx2, avx512 }
gen PowerNormReleased { shape C = 512, 768, 1024, any; dtype f32, f64; target go, avx2, avx512 }
