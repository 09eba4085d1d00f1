norm Norm1 {
  in    x[B, T, C], w[B, C]
  mask  keep[B]
  param g[C] = 1
  stat  a[B, C] = mean<T>(x*w), b[C] = mean<B | keep>(a), v[C] = mean<B | keep>((a - b)^2)
  let   gone = not keep, c = x*(if keep then a else g), d = sum<B | gone>(a)
  out   y = c*rsqrt(v + 1) + d*max<C>(if gone then b else a), z = if keep then mean<T>(c) else g
}
