norm Norm429(e1 = 1) {
  axis W = 4
  in x[N..., C]
  mask keep[N]
  param g1[C] = 1
  stat m1[C] = mean<N | keep>(x)
  let a1 = x - m1
  stat m2[C] = mean<N | keep>((a1)^2)
  let a2 = a1 * rsqrt(m2 + 0.1)
  let a3 = detach(-g1)
  out y = (if 1/(exp(tanh(a2)) + e1) >= x then sum<N | keep>(a2) else sum<N, C | keep>(a2 * g1))
}
