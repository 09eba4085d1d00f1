norm Norm1000027(K = 2, e1 = 0.1) {
  axis C = K*D
  in x[N, C, S]
  param g1[C] = 0
  stat m1[K] = mean<N, D, S>(x)
  let a1 = x - m1
  stat m2[K] = mean<N, D, S>((a1)^2)
  let a2 = a1 * rsqrt(m2 + 1)
  stat m3[C] = mean<N, S>(a1 * tanh(m2))
  stat m4[K] = mean<N, D, S>(a1)
  let a3 = a1 - m4
  stat m5[K] = mean<N, D, S>((a3)^2)
  let a4 = a3 * rsqrt(m5 + e1)
  let a5 = (if a4 < m4 then a3 else a1)
  mode train { backward (dy) { grad a5 = derived(a5) } }
  out y = a5 + ((rsqrt(abs(g1) + 0.1) + mod(a5, 1.5)))
}
