// Relatives of BatchNorm: statistics of the batch that are mended, clipped, or
// averaged over several batches.

// BatchNormClamped is MaskBatchNorm of sIncerass/powernorm: the variance is no
// less than eps, instead of having it added, and eval uses the batch's too.
norm BatchNormClamped(eps = 1e-5) {
  in     x[N..., C]
  mask   keep[N]
  reduce N
  shift  mean
  scale  sqrt(max(var, eps))
  affine * gamma[C] = 1, + beta[C] = 0
}

// BatchNormMeanFill is that repository's option "batch": rows are scaled to a
// mean square of 1, padding becomes the mean of what is not, and BatchNorm goes
// over all rows. Then the mean of all is that of what is not padding, and padding
// deviates by 0: the mean is right, the variance is diluted.
norm BatchNormMeanFill(eps = 1e-5, momentum = 0.05) {
  in    x[N..., C]
  mask  keep[N]
  param gamma[C] = 1, beta[C] = 0
  state running_mean[C] = 0, running_var[C] = 1 where running_var >= 0
  stat  ms[N] = mean<C>(x^2)
  let   u     = x * rsqrt(ms + 1e-5)
  mode train {
    stat   mean[C] = mean<N | keep>(u)
    let    uc      = if keep then u - mean else 0
    stat   var[C]  = mean<N | all>(uc^2)
    let    z       = uc * rsqrt(var + eps)
    update running_mean := ema(running_mean, mean, momentum),
           running_var := ema(running_var, unbiased(var), momentum)
  }
  mode eval { let z = (u - running_mean) * rsqrt(running_var + eps) }
  out y = z*gamma + beta
}

// BatchRenorm pulls the batch's statistics to the running ones by r and d, which
// have no gradient: Ioffe 2017. Their limits open linearly from 1 and 0 at step
// start to rmax at step rend and dmax at step dend.
norm BatchRenorm(eps = 1e-5, momentum = 0.01, rmax = 3, dmax = 5, start = 5000, rend = 40000, dend = 25000) {
  in    x[N..., C]
  mask  keep[N]
  param gamma[C] = 1, beta[C] = 0
  state running_mean[C] = 0, running_sigma[C] = 1 where running_sigma > 0
  mode train {
    stat mean[C] = mean<N | keep>(x)
    let  xc      = x - mean
    stat var[C]  = mean<N | keep>(xc^2)
    let  sigma   = sqrt(var + eps),
         rlimit  = 1 + (rmax - 1)*clip((step - start)/max(rend - start, 1), 0, 1),
         dlimit  = dmax*clip((step - start)/max(dend - start, 1), 0, 1),
         r       = detach(clip(sigma/running_sigma, 1/rlimit, rlimit)),
         d       = detach(clip((mean - running_mean)/running_sigma, -dlimit, dlimit)),
         z       = xc/sigma*r + d
    update running_mean := ema(running_mean, mean, momentum),
           running_sigma := ema(running_sigma, sigma, momentum)
  }
  mode eval { let z = (x - running_mean)/running_sigma }
  out y = z*gamma + beta
}

// MABN is MABN2d of megvii-model/MABN (Yan et al. 2020): after W steps, and once
// the rings are full, the second moment and the backward's coefficient are means
// of the last S batches'. From step T on r pulls the output to the running
// variance.
norm MABN(W = 100, T = 1001, eps = 1e-5, momentum = 0.98) {
  axis  S = 4
  in    x[N, C, P...]
  param gamma[C] = 1, beta[C] = 0
  state running_var[C] = 1 where running_var >= 0,
        buffer_x2[S, C] = 0 where buffer_x2 >= 0,
        buffer_gz[S, C] = 0
  mode train {
    stat x2[C] = mean<N, P>(x^2)
    let  here  = index(S) == mod(step, size(S)),
         now   = if here then x2 else buffer_x2,
         var   = if step <= size(S) or step < W then x2 else mean<S>(now),
         limit = if step < T then 1 else 5,
         r     = detach(clip(sqrt(var + eps)*rsqrt(running_var + eps), 1/limit, limit)),
         z     = x * rsqrt(var + eps),
         u     = z*r
    update buffer_x2 := now, running_var := ema(running_var, var, 1 - momentum)
    backward approximate (dy) {
      let  g     = dy*gamma*r
      stat gz[C] = mean<N, P>(g*z)
      let  gn    = if here then gz else buffer_gz,
           c     = if step <= size(S) or step < W then gz else mean<S>(gn)
      grad   x = (g - c*z) * rsqrt(var + eps)
      update buffer_gz := gn
    }
  }
  mode eval { let u = x * rsqrt(running_var + eps) }
  out y = u*gamma + beta
}

// UN is the UN1d of Unified Normalization (Yang et al. 2022) without its filter of
// outliers: MABN with the geometric mean of the ring forward, and a running mean
// of MABN's coefficient backward. Its r enters the backward alone.
norm UN(W = 100, T = 1001, eps = 1e-5, momentum = 0.9) {
  axis  S = 4
  in    x[N..., C]
  param gamma[C] = 1, beta[C] = 0
  state running_var[C] = 1 where running_var >= 0,
        buffer_x2[S, C] = 0 where buffer_x2 >= 0,
        buffer_gz[S, C] = 0,
        ema_gz[C] = 0
  mode train {
    stat x2[C] = mean<N>(x^2)
    let  here  = index(S) == mod(step, size(S)),
         now   = if here then x2 else buffer_x2,
         var   = if step <= size(S) or step < W then x2 else exp(mean<S>(log(now))),
         limit = if step < T then 1 else 5,
         r     = detach(clip(sqrt(var + eps)*rsqrt(running_var + eps), 1/limit, limit)),
         z     = x * rsqrt(var + eps)
    update buffer_x2 := now, running_var := ema(running_var, var, 1 - momentum)
    backward approximate (dy) {
      let  g     = dy*gamma*r
      stat gz[C] = mean<N>(g*z)
      let  gn    = if here then gz else buffer_gz,
           c     = if step <= size(S) or step < W then gz else mean<S>(gn),
           e     = ema(ema_gz, c, 1 - momentum)
      grad   x = (g - e*z) * rsqrt(var + eps)
      update buffer_gz := gn, ema_gz := e
    }
  }
  mode eval { let z = x * rsqrt(running_var + eps) }
  out y = z*gamma + beta
}

gen BatchNormClamped { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen BatchNormMeanFill { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen BatchRenorm { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen MABN { shape C = any; dtype f32, f64; target go, avx2, avx512; layout [N, C, P...], [N, P..., C] }
gen UN { shape C = any; dtype f32, f64; target go, avx2, avx512 }
