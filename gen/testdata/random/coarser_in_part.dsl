norm Norm293(K = 2, e1 = 1) {
  axis C = K*D
  in x[N, C, S], w1[N, C, S]
  mask keep[N]
  param g1[C] = 0
  stat m1[C] = mean<N, S | keep>(clip(x * (exp(g1) + 1)^1.5, -3, 3))
  stat m2[N, C] = mean<S>(((1 + abs(w1 * sqrt(exp(tanh(m1)) + 0.25)))))
  stat m3[N, K] = mean<D, S>(w1)
  let a2 = w1 - m3
  stat m4[N, K] = mean<D, S>((a2)^2)
  let a3 = a2 * rsqrt(m4 + 0.1)
  out y = (((a2 + sqrt(exp(erf(log((m1)^2 + 1 + e1))) + 0.25)))), z = min(a3, x)
}
