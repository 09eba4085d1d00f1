// Norms that differ from the library's in one respect each, as papers and
// frameworks have them. They are tested against vectors; each costs this text.

// RMSNormBias adds a bias after the scale.
norm RMSNormBias(eps = 1e-6) {
  in     x[R..., C]
  reduce C
  scale  sqrt(ms + eps)
  affine * gamma[C] = 1, + beta[C] = 0
}

// RMSNormUnit stores gamma without its 1, so that weight decay pulls the
// multiplier to 1 and not to 0.
norm RMSNormUnit(eps = 1e-6) {
  in     x[R..., C]
  reduce C
  scale  sqrt(ms + eps)
  affine * (1 + gamma[C] = 0)
}

// RMSNormOutside adds eps to the root, not under it: the paper's own code.
norm RMSNormOutside(eps = 1e-8) {
  in     x[R..., C]
  reduce C
  scale  sqrt(ms) + eps
  affine * gamma[C] = 1
}

// RMSNormPartial takes its statistic of the first part p of each row and scales
// the whole row by it.
norm RMSNormPartial(p = 0.0625, eps = 1e-6) {
  in    x[R..., C]
  param gamma[C] = 1
  let   head  = index(C) < floor(p*size(C))
  stat  ms[R] = mean<C | head>(x^2)
  out   y = x * rsqrt(ms + eps) * gamma
}

// BatchNormCumulative gives all batches so far the same weight in its running
// statistics.
norm BatchNormCumulative(eps = 1e-5) {
  in      x[N..., C]
  mask    keep[N]
  reduce  N
  shift   mean
  scale   sqrt(var + eps)
  running mean, unbiased var cumulative
  affine  * gamma[C] = 1, + beta[C] = 0
}

// BatchNormUntracked has no running statistics: eval uses the batch's too.
norm BatchNormUntracked(eps = 1e-5) {
  in     x[N..., C]
  mask   keep[N]
  reduce N
  shift  mean
  scale  sqrt(var + eps)
  affine * gamma[C] = 1, + beta[C] = 0
}

// PowerNormWarm is the paper's algorithm after W steps of warm-up, in which it
// is PN-V: the batch's own statistic, and its exact gradient. The running
// values move from the first step on.
norm PowerNormWarm(eps = 1e-5, alpha = 0.9, W = 4000) {
  in    x[N..., C]
  mask  keep[N]
  param gamma[C] = 1, beta[C] = 0
  state psi2[C] = 1 where psi2 >= 0, nu[C] = 0
  mode train {
    stat   b[C] = mean<N | keep>(x^2)
    let    xh   = x * rsqrt((if step <= W then b else psi2) + eps)
    update psi2 := ema(psi2, b, 1 - alpha)
    backward approximate (dy) {
      let    g = dy*gamma
      stat   Gam[C] = mean<N | keep>(xh^2), Lam[C] = mean<N | keep>(g*xh)
      grad   x = if step <= W then derived(x) else (g - nu*xh) * rsqrt(psi2 + eps)
      update nu := nu * (1 - (1-alpha)*Gam) + (1-alpha)*Lam
    }
  }
  mode eval { let xh = x * rsqrt(psi2 + eps) }
  out y = gamma*xh + beta
}

// GroupScaling gives each of the K groups of a row the quadratic mean 1, and then
// scales and shifts by channel: the stage that PowerNormReleased begins with, alone.
norm GroupScaling(K = 1, eps = 1e-5) {
  axis  C = K*D
  in    x[R..., C]
  param gamma[C] = 1, beta[C] = 0
  stat  ms[R, K] = mean<D>(x^2)
  out   y = x * rsqrt(ms + eps) * gamma + beta
}

// GroupScalingPNV is PNV of what GroupScaling leaves: PowerNormReleased with exact
// gradients, and running statistics in eval alone.
norm GroupScalingPNV(K = 1, eps = 1e-5, momentum = 0.1) {
  axis  C = K*D
  in    x[N..., C]
  mask  keep[N]
  param gamma[C] = 1, beta[C] = 0
  state running_ms[C] = 1 where running_ms >= 0
  let   u = x * rsqrt(mean<D>(x^2) + 1e-5)
  mode train {
    stat   ms[C] = mean<N | keep>(u^2)
    let    z     = u * rsqrt(ms + eps)
    update running_ms := ema(running_ms, ms, momentum)
  }
  mode eval { let z = u * rsqrt(running_ms + eps) }
  out y = gamma*z + beta
}

// PowerNormUnscaled is PowerNormReleased without its scaling by groups.
norm PowerNormUnscaled(W = 10000, eps = 1e-5, af = 0.9, ab = 0.9) {
  in    x[N..., C]
  mask  keep[N]
  param gamma[C] = 1, beta[C] = 0
  state phi[C] = 1 where phi >= 0, e[C] = 0
  mode train {
    stat v[C] = mean<N | keep>(x^2)
    let  z    = x * rsqrt((if step <= W then v else phi) + eps),
         phi1 = if step < W then phi + (v - phi)/step else phi
    update phi := ema(phi1, v, 1 - af)
    backward approximate (dy) {
      let    q = gamma*dy - (1 - ab)*e*z
      grad   x = q * rsqrt(v + eps)
      update e := e + mean<N | all>(q*z)
    }
  }
  mode eval { let z = x * rsqrt(phi + eps) }
  out y = gamma*z + beta
}

gen RMSNormBias { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen RMSNormUnit { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen RMSNormOutside { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen RMSNormPartial { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen BatchNormCumulative { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen BatchNormUntracked { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen PowerNormWarm { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen GroupScaling { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen GroupScalingPNV { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen PowerNormUnscaled { shape C = any; dtype f32, f64; target go, avx2, avx512 }
