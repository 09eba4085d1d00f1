// Norms over images and sequences of channels: N samples, C channels, S places
// of any number of dimensions. Each is generated for both orders in memory.

// BatchNormSpatial is BatchNorm of a channel over samples and places: Ioffe and
// Szegedy 2015, PyTorch's BatchNorm1d, 2d and 3d.
norm BatchNormSpatial(eps = 1e-5, momentum = 0.1) {
  in      x[N, C, S...]
  reduce  N, S
  shift   mean
  scale   sqrt(var + eps)
  running mean, unbiased var ema momentum
  affine  * gamma[C] = 1, + beta[C] = 0
}

// GroupNorm normalizes each sample over the places and channels of a group, and
// scales by channel: Wu and He 2018. A batch of one value is refused, as PyTorch
// does.
norm GroupNorm(G = 32, eps = 1e-5) {
  axis    C = G*D
  in      x[N, C, S...]
  require size(N)*size(D)*size(S) > 1
  reduce  D, S
  shift   mean
  scale   sqrt(var + eps)
  affine  * gamma[C] = 1, + beta[C] = 0
}

// InstanceNorm normalizes each channel of each sample: Ulyanov et al. 2016. A
// single place has no spread, and is refused.
norm InstanceNorm(eps = 1e-5) {
  in      x[N, C, S...]
  require size(S) > 1
  reduce  S
  shift   mean
  scale   sqrt(var + eps)
  affine  * gamma[C] = 1, + beta[C] = 0
}

// InstanceNormRunning keeps the batch's average of the samples' statistics for
// eval, as PyTorch does with track_running_stats; training does not read them.
norm InstanceNormRunning(eps = 1e-5, momentum = 0.1) {
  in    x[N, C, S...]
  param gamma[C] = 1, beta[C] = 0
  state running_mean[C] = 0, running_var[C] = 1 where running_var >= 0
  mode train {
    stat   mean[N, C] = mean<S>(x)
    let    xc         = x - mean
    stat   var[N, C]  = mean<S>(xc^2)
    let    xh         = xc * rsqrt(var + eps)
    update running_mean := ema(running_mean, mean<N>(mean), momentum),
           running_var := ema(running_var, mean<N>(unbiased(var)), momentum)
  }
  mode eval { let xh = (x - running_mean) * rsqrt(running_var + eps) }
  out y = xh*gamma + beta
}

gen BatchNormSpatial { shape C = any; dtype f32, f64; target go, avx2, avx512; layout [N, C, S...], [N, S..., C] }
gen GroupNorm { shape C = any; dtype f32, f64; target go, avx2, avx512; layout [N, C, S...], [N, S..., C] }
gen InstanceNorm { shape C = any; dtype f32, f64; target go, avx2, avx512; layout [N, C, S...], [N, S..., C] }
gen InstanceNormRunning {
  shape  C = any
  dtype  f32, f64
  target go, avx2, avx512
  layout [N, C, S...], [N, S..., C]
}
