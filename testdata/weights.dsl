// Norms of weights: O are the outputs, I... whatever feeds each of them.

// WeightNorm gives the weights of each output the learnt length g: Salimans and
// Kingma 2016. No length notices an eps this small; it keeps weights that are all
// zero at zero.
norm WeightNorm(eps = 1e-30) {
  in    v[O, I...]
  param g[O] = 1
  stat  ss[O] = sum<I>(v^2)
  out   w = v * rsqrt(ss + eps) * g
}

// WeightNormMiddle has the outputs between other dimensions, as transposed
// convolutions have: PyTorch's dim = 1.
norm WeightNormMiddle(eps = 1e-30) {
  in    v[P, O, I...]
  param g[O] = 1
  stat  ss[O] = sum<P, I>(v^2)
  out   w = v * rsqrt(ss + eps) * g
}

// WeightNormWhole has one length for all weights: PyTorch's dim = None.
norm WeightNormWhole(eps = 1e-30) {
  in    v[I...]
  param g = 1
  stat  ss = sum<I>(v^2)
  out   w = v * rsqrt(ss + eps) * g
}

// WeightStandardization centres the weights of each output and divides by their
// standard deviation: Qiao et al. 2019, with eps under the root.
norm WeightStandardization(eps = 1e-5) {
  in     w[O, I...]
  reduce I
  shift  mean
  scale  sqrt(var + eps)
}

// WeightStandardizationUnbiased divides by the unbiased deviation plus eps, as
// the authors' code does.
norm WeightStandardizationUnbiased(eps = 1e-5) {
  in   w[O, I...]
  stat mean[O] = mean<I>(w)
  let  wc      = w - mean
  stat var[O]  = mean<I>(wc^2)
  out  y = wc / (sqrt(unbiased(var)) + eps)
}

gen WeightNorm { dtype f32, f64; target go, avx2, avx512 }
gen WeightNormMiddle { dtype f32, f64; target go, avx2, avx512 }
gen WeightNormWhole { dtype f32, f64; target go, avx2, avx512 }
gen WeightStandardization { dtype f32, f64; target go, avx2, avx512 }
gen WeightStandardizationUnbiased { dtype f32, f64; target go, avx2, avx512 }
