norm Norm1(K = 3, M = 2) {
  axis  C = K*M*D
  in    x[R..., C]
  stat  m1[R] = mean<C>(x), m2[R, K, M] = mean<D>(if 1 < x then m1 else m1)
  out   y = x*m2
}
