norm Norm1 {
  in    x[N, S, C]
  mask  keep[N]
  param g[C] = 1
  state s[C] = 1 where s >= 0
  mode train {
    stat   a[N, C] = mean<S>(x), b[C] = mean<N | keep>(a), v[C] = mean<N | keep>((a - b)^2)
    let    m = v
    update s := ema(s, unbiased(v), 0.1)
  }
  mode eval { let m = s }
  out   y = x*rsqrt(m + 1)*g
}
