norm Norm2(K = 2) {
  axis  C = K*D
  in    x[N, S, C], w[N, K]
  mask  keep[N], some[N, S]
  param g[C] = 1
  let   hold = keep and w > 0
  stat  a[N, K] = mean<S, D | some>(x), m = mean<N, K | keep>(a), v = mean<N, K | keep>((a - m)^2)
  let   b = if hold then a*w else 1
  out   y = x*rsqrt(v + 1)*b*g + m, z = if keep then a else w
}
