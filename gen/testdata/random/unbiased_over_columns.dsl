norm Norm1 {
  in    x[N, C]
  state s = 1 where s >= 0
  mode train {
    stat   b[C] = mean<N>(x), c = mean<C>(b), v = mean<C>((b - c)^2)
    let    m = v
    update s := ema(s, unbiased(v), 0.1)
  }
  mode eval { let m = s }
  out   y = x*rsqrt(m + 1)
}
