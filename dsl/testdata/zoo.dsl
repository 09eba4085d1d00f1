// Every kind of norm in the literature that the language claims to write.

norm InstanceNorm(eps = 1e-5, m = 0.1) {
  in    x[N, C, S...]
  param gamma[C] = 1, beta[C] = 0
  state rm[C] = 0, rv[C] = 1 where rv >= 0
  mode train {
    stat   mean[N, C] = mean<S>(x), var[N, C] = mean<S>((x - mean)^2)
    update rm := ema(rm, mean<N>(mean), m), rv := ema(rv, mean<N>(unbiased(var)), m)
  }
  mode eval { let mean = rm, var = rv }
  out y = (x - mean) * rsqrt(var + eps) * gamma + beta
}

norm GroupNorm(G = 32, eps = 1e-5) {
  axis    C = G*D
  in      x[N, C, S...]
  require size(N)*size(D)*size(S) > 1
  reduce  D, S
  shift   mean
  scale   sqrt(var + eps)
  affine  * gamma[C] = 1, + beta[C] = 0
}

norm Gemma(eps = 1e-6) {
  in     x[R..., C]
  reduce C
  scale  sqrt(ms + eps)
  affine * (1 + gamma[C] = 0)
}

norm RMSOutside(eps = 1e-8) {
  in     x[R..., C]
  reduce C
  scale  sqrt(ms) + eps
  affine * gamma[C] = 1
}

norm PartialRMS(p = 0.0625, eps = 1e-6) {
  in    x[R..., C]
  param gamma[C] = 1
  let   head  = index(C) < floor(p*size(C))
  stat  ms[R] = mean<C | head>(x^2)
  out   y = x * rsqrt(ms + eps) * gamma
}

norm ScaleNorm(eps = 1e-5) {
  in    x[R..., C]
  param g = size(C)^0.5
  stat  ss[R] = sum<C>(x^2)
  out   y = g * x / max(sqrt(ss), eps)
}

norm BatchRenorm(eps = 1e-5, m = 0.01, rmax = 3, dmax = 5) {
  in    x[N..., C]
  param gamma[C] = 1, beta[C] = 0
  state mu[C] = 0, sigma[C] = 1 where sigma > 0
  mode train {
    stat mean[C] = mean<N>(x)
    let  xc      = x - mean
    stat var[C]  = mean<N>(xc^2)
    let  sb      = sqrt(var + eps),
         r       = detach(clip(sb/sigma, 1/rmax, rmax)),
         d       = detach(clip((mean - mu)/sigma, -dmax, dmax)),
         z       = xc/sb*r + d
    update mu := ema(mu, mean, m), sigma := ema(sigma, sb, m)
  }
  mode eval { let z = (x - mu)/sigma }
  out y = z*gamma + beta
}

norm WeightNorm(eps = 1e-12) {
  in    v[O, I...]
  param g[O] = 1
  out   w = v * g * rsqrt(sum<I>(v^2) + eps)
}

norm WeightStandard(eps = 1e-5) {
  in   w[O, I]
  let  wc     = w - mean<I>(w)
  stat var[O] = mean<I>(wc^2)
  out  y = wc / (sqrt(unbiased(var)) + eps)
}

norm Centred {
  in     w[O, I...]
  reduce I
  shift  mean
}

norm MaskedClamped(eps = 1e-5) {
  in   x[T, B, C]
  mask keep[B, T]
  stat mean[C] = mean<T, B | keep>(x)
  let  xc      = x - mean
  stat var[C]  = mean<T, B | keep>(xc^2)
  out  y = xc * rsqrt(max(var, eps))
}

norm MeanFill(eps = 1e-5) {
  in   x[N..., C]
  mask keep[N]
  let  f = if keep then x else mean<N | keep>(x)
  stat mean[C] = mean<N | all>(f), var[C] = mean<N | all>((f - mean)^2)
  out  y = (f - mean) * rsqrt(var + eps)
}

norm FRN {
  in    x[N, C, S...]
  param gamma[C] = 1, beta[C] = 0, tau[C] = 0, el = 1e-6
  let   y0 = x * rsqrt(mean<S>(x^2) + max(abs(el), 1e-12))
  out   y = max(y0*gamma + beta, tau)
}

norm EvoS0(G = 8, eps = 1e-5) {
  axis  C = G*D
  in    x[N, C, S...]
  param v[C] = 1, gamma[C] = 1, beta[C] = 0
  stat  mean[N, G] = mean<D, S>(x), var[N, G] = mean<D, S>((x - mean)^2)
  out   y = x / (1 + exp(-v*x)) * rsqrt(var + eps) * gamma + beta
}

norm GRN(eps = 1e-6) {
  in   x[N, C, S...]
  stat n2[N, C] = sum<S>(x^2)
  let  n        = sqrt(n2 + 1e-12)
  out  y = x*n/(mean<C>(n) + eps) + x
}

norm AdaLN(eps = 1e-6) {
  in    x[B, T, C], res[B, T, C]
  param sc[B, C], sh[B, C], gate[B, C]
  stat  mean[B, T] = mean<C>(x)
  let   xc         = x - mean
  stat  var[B, T]  = mean<C>(xc^2)
  out   y = res + gate*(xc * rsqrt(var + eps) * (1 + sc) + sh)
}

norm AddRMS(alpha = 1, eps = 1e-6) {
  in    x[R..., C], res[R..., C]
  param gamma[C] = 1
  let   h     = alpha*res + x
  stat  ms[R] = mean<C>(h^2)
  out   y = h * rsqrt(ms + eps) * gamma, hout = h
}

norm Gated(eps = 1e-6) {
  in    x[R..., C], z[R..., C]
  param gamma[C] = 1
  let   s = z / (1 + exp(-z))
  out   y = x * rsqrt(mean<C>(x^2) + eps) * gamma * s
}

norm PRepBN(eps = 1e-5, m = 0.1, total = 1000, warm = 10) {
  in    x[N..., C]
  param gamma[C] = 1, beta[C] = 0, eta = 1
  state rm[C] = 0, rv[C] = 1 where rv >= 0
  mode train {
    stat bm[C] = mean<N>(x), bv[C] = mean<N>((x - bm)^2)
    let  ln  = (x - mean<C>(x)) * rsqrt(mean<C>((x - mean<C>(x))^2) + eps),
         bn  = (x - bm) * rsqrt(bv + eps) + eta*x,
         lam = if step <= warm then 1 else max(0, 1 - (step - warm)/total),
         z   = lam*ln + (1 - lam)*bn
    update rm := ema(rm, bm, m), rv := ema(rv, unbiased(bv), m)
  }
  mode eval { let z = (x - rm) * rsqrt(rv + eps) + eta*x }
  out y = z*gamma + beta
}

norm DyT {
  in    x[R..., C]
  param alpha = 0.5, gamma[C] = 1, beta[C] = 0
  out   y = gamma*tanh(alpha*x) + beta
}

norm Derf {
  in    x[R..., C]
  param alpha = 0.5, s = 0, gamma[C] = 1, beta[C] = 0
  out   y = gamma*erf(alpha*x + s) + beta
}

norm AdaNorm(k = 0.1, Cn = 1, eps = 1e-5) {
  in   x[R..., C]
  stat mean[R] = mean<C>(x), var[R] = mean<C>((x - mean)^2)
  let  xh = (x - mean) * rsqrt(var + eps)
  out  y = Cn*detach(1 - k*xh)*xh
}

norm MABN(W = 100, eps = 1e-5) {
  axis  S = 4
  in    x[N..., C]
  param gamma[C] = 1, beta[C] = 0
  state buf[S, C] = 1 where buf >= 0, gbuf[S, C] = 0, rv[C] = 1 where rv >= 0
  mode train {
    stat x2[C] = mean<N>(x^2)
    let  here  = index(S) == mod(step, size(S)),
         now   = if here then x2 else buf,
         var   = if step < W then x2 else mean<S>(now),
         am    = exp(mean<S>(log(now + 1e-12))),
         r     = detach(clip(sqrt(var + eps)*rsqrt(rv + eps), 1/5, 5)),
         z     = x * rsqrt(var + eps),
         u     = z*r + 0*am
    update buf := now, rv := ema(rv, var, 0.02)
    backward approximate (dy) {
      let    g     = gamma*dy*r
      stat   gz[C] = mean<N>(g*z)
      let    gn    = if here then gz else gbuf
      grad   x = (g - mean<S>(gn)*z) * rsqrt(var + eps)
      update gbuf := gn
    }
  }
  mode eval { let u = x * rsqrt(rv + eps) }
  out y = u*gamma + beta
}

norm Damped(rho = 0.5, eps = 1e-6) {
  in   x[R..., C]
  stat ms[R] = mean<C>(x^2)
  let  xh    = x * rsqrt(ms + eps)
  backward (dy) { grad x = rho*derived(x) + (1 - rho)*derived(x) + 0*dy }
  out y = xh
}
