norm Norm0(K = 3, e1 = 0.1, e2 = 1, e3 = 0.5) {
  axis C = K*D
  in x[N..., C], w1[N..., C]
  let a1 = log((((w1 * x)^2)/(1 + abs((w1 * x)^2))) + 1 + 0.1)
  let a2 = 1/(((((if index(D) > 1 then a1 else a1))^2)/(1 + abs(((if index(D) > 1 then a1 else a1))^2))) + e1)
  stat m1[N, K] = mean<D>((a2)^2)
  let a3 = a2 * rsqrt(m1 + e2)
  let a4 = mean<N>(1/(a2 + e3))
  out y = w1 * mean<N>(a2 * max(a4, a4))
}
