// Norms beyond the everyday ones: what the language must be able to say.

norm GroupNorm(G = 2, eps = 1e-5) {
  axis   C = G*D
  in     x[N, C, S...]
  reduce D, S
  shift  mean
  scale  sqrt(var + eps)
  affine * gamma[C] = 1, + beta[C] = 0
}

norm InstanceNorm(eps = 1e-5) {
  in     x[N, C, S...]
  reduce S
  shift  mean
  scale  sqrt(var + eps)
  affine * gamma[C] = 1, + beta[C] = 0
}

norm AddRMSNorm(eps = 1e-6) {
  in    x[R..., C], res[R..., C]
  param gamma[C] = 1
  let   h = x + res
  out   y = h * rsqrt(mean<C>(h^2) + eps) * gamma, hout = h
}

norm WeightNorm {
  in    v[O, I...]
  param g[O] = 1
  out   w = g * v * rsqrt(sum<I>(v^2))
}

norm FiLM(eps = 1e-6) {
  in   x[B, T, C], s[B, C], t[B, C]
  stat mean[B, T] = mean<C>(x)
  let  xc = x - mean
  stat var[B, T] = mean<C>(xc^2)
  out  y = xc * rsqrt(var + eps) * (1 + s) + t
}

norm PartialRMS(k = 2, eps = 1e-6) {
  in    x[R..., C]
  param gamma[C] = 1
  let   part = if index(C) < k then x else 0
  out   y = x * rsqrt(sum<C>(part^2) / k + eps) * gamma
}

norm BatchRenorm(eps = 1e-5, momentum = 0.01, rmax = 3, dmax = 5) {
  in    x[N..., C]
  param gamma[C] = 1, beta[C] = 0
  state mu[C] = 0, sigma[C] = 1 where sigma > 0
  mode train {
    stat   m[C] = mean<N>(x)
    let    xc = x - m
    stat   v[C] = mean<N>(xc^2)
    let    sb = sqrt(v + eps),
           r  = detach(clip(sb/sigma, 1/rmax, rmax)),
           d  = detach(clip((m - mu)/sigma, -dmax, dmax)),
           z  = xc/sb*r + d
    update mu := ema(mu, m, momentum), sigma := ema(sigma, sqrt(v + eps), momentum)
  }
  mode eval { let z = (x - mu)/sigma }
  out y = gamma*z + beta
}

norm DyT {
  in    x[R..., C]
  param alpha = 0.5, gamma[C] = 1, beta[C] = 0
  out   y = gamma*tanh(alpha*x) + beta
}

norm L2Norm(eps = 1e-5) {
  in    x[R..., C]
  param g = 1
  out   y = g * x / max(sqrt(sum<C>(x^2)), eps)
}

norm MaskedBatchRMS(eps = 1e-5) {
  in    x[T, B, C]
  mask  keep[B, T]
  param gamma[C] = 1
  stat  ms[C] = mean<T, B | keep>(x^2)
  out   y = if keep then x * rsqrt(ms + eps) * gamma else 0
}

norm GRN(eps = 1e-6) {
  in    x[N, C, S...]
  param gamma[C] = 1, beta[C] = 0
  let   n = sqrt(sum<S>(x^2) + eps)
  out   y = gamma*(x*n/(mean<C>(n) + eps)) + beta + x
}

norm EvoB0(eps = 1e-5) {
  in    x[N, C, S...]
  param gamma[C] = 1, beta[C] = 0, v1[C] = 1
  stat  mb[C] = mean<N, S>(x)
  let   cb = x - mb
  stat  vb[C] = mean<N, S>(cb^2)
  let   mi = mean<S>(x), ci = x - mi, vi = mean<S>(ci^2)
  out   y = x / max(sqrt(vb + eps), v1*x + sqrt(vi + eps)) * gamma + beta
}

norm DeclaredRMS(eps = 1e-6) {
  in    x[R..., C]
  param gamma[C] = 1
  stat  ms[R] = mean<C>(x^2)
  let   r = rsqrt(ms + eps)
  mode train {
    backward (dy) {
      let  g = dy*gamma
      stat c[R] = mean<C>(g*x)
      grad x = g*r - x*r^3*c
    }
  }
  out y = x*r*gamma
}

// Layouts: channels last, so that statistics of a sample run over rows.

norm GroupNormLast(G = 2, eps = 1e-5) {
  axis   C = G*D
  in     x[N, S, C]
  reduce D, S
  shift  mean
  scale  sqrt(var + eps)
  affine * gamma[C] = 1, + beta[C] = 0
}

norm InstanceNormLast(eps = 1e-5, m = 0.1) {
  in    x[N, S, C]
  param gamma[C] = 1, beta[C] = 0
  state rm[C] = 0, rv[C] = 1 where rv >= 0
  mode train {
    stat   mean[N, C] = mean<S>(x), var[N, C] = mean<S>((x - mean)^2)
    update rm := ema(rm, mean<N>(mean), m), rv := ema(rv, mean<N>(unbiased(var)), m)
  }
  mode eval { let mean = rm, var = rv }
  out y = (x - mean) * rsqrt(var + eps) * gamma + beta
}

norm BatchNormSpatial(eps = 1e-5, momentum = 0.1) {
  in      x[N, C, S...]
  mask    keep[N]
  reduce  N, S
  shift   mean
  scale   sqrt(var + eps)
  running mean, unbiased var ema momentum
  affine  * gamma[C] = 1, + beta[C] = 0
}

norm BatchNormSpatialLast(eps = 1e-5, momentum = 0.1) {
  in      x[N, S, C]
  mask    keep[N]
  reduce  N, S
  shift   mean
  scale   sqrt(var + eps)
  running mean, unbiased var ema momentum
  affine  * gamma[C] = 1, + beta[C] = 0
}

// One scale for the whole batch, with a statistic of every element.
norm WholeNorm(eps = 1e-5, m = 0.1) {
  in    x[R..., C]
  mask  keep[R]
  param g = 1
  state rms = 1 where rms >= 0
  mode train {
    stat   ms = mean<R, C | keep>(x^2)
    update rms := ema(rms, ms, m)
  }
  mode eval { let ms = rms }
  out y = g * x * rsqrt(ms + eps)
}

norm WholeLayer(eps = 1e-5) {
  in    x[R..., C]
  mask  keep[R]
  param g[C] = 1
  stat  mean = mean<R, C | keep>(x)
  let   xc   = x - mean
  stat  var  = mean<R, C | keep>(xc^2)
  out   y = g * xc * rsqrt(var + eps)
}

// Heads of a packed projection, each normalized by itself with one gamma.
norm HeadNorm(H = 2, eps = 1e-6) {
  axis  C = H*D
  in    x[R..., C]
  param gamma[D] = 1, bias[H] = 0
  stat  ms[R, H] = mean<D>(x^2)
  out   y = x * rsqrt(ms + eps) * gamma + bias
}

norm WeightNormMiddle {
  in    v[A, O, I]
  param g[O] = 1
  out   w = g * v * rsqrt(sum<A, I>(v^2))
}

norm WeightNormWhole {
  in    v[R..., C]
  param g = 1
  out   w = g * v * rsqrt(sum<R, C>(v^2))
}

// A segment's masked statistic, its own scale, and one gamma for all.
norm SampleNorm(eps = 1e-5) {
  in    x[B, T, C], lift[B, C]
  mask  keep[B, T]
  param gamma[C] = 1
  stat  ms[B] = mean<T, C | keep>(x^2)
  out   y = x * rsqrt(ms + eps) * gamma * (1 + lift)
}
