norm Norm12(K = 3, e1 = 1) {
  axis  C = K*D
  in    x[N..., C]
  param g1[C] = 1, g2[C] = 1
  let   a1 = (if g2 <= g1 then x else g2) * g2
  stat  m1[N, K] = mean<D>(a1)
  let   a2 = a1 - m1
  stat  m2[N, K] = mean<D>(a2^2)
  out   y = a2 * rsqrt(m2 + e1)
}
