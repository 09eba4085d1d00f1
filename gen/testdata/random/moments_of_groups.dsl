norm Norm1(K = 3, M = 2) {
  axis  C = K*M*D
  in    x[N..., C]
  mask  keep[N]
  param g[C] = 1
  stat  a[N, K, M] = mean<D>(x), b[N, K] = mean<M>(a)
  let   c = a - b
  stat  d[N, K] = mean<M>(c^2), e[N] = mean<K>(d)
  let   f = d - e
  stat  h[N] = mean<K>(f^2)
  let   l = (if x < 1 then a else b) - mean<K, M>(a)
  out   y = (x - a)*rsqrt(d + 1)*rsqrt(h + 1)*g + c*f*l
}
