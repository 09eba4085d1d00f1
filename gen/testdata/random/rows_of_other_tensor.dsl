norm Norm55(e1 = 0.1, e2 = 0.1) {
  in x[B, T, C]
  mask keep[B]
  param g1[C] = 1
  state s1 = 1 where s1 >= 0
  let a1 = rsqrt(exp(-g1) + e1)
  mode train { stat m1 = mean<B, T, C | all>((x)^2) update s1 := max(s1, unbiased(m1)) let q1 = m1 }
  mode eval { let q1 = s1 }
  let a2 = x * rsqrt(q1 + e2)
  stat m2 = mean<B, T, C | keep>(mod(a2, 1.5))
  out y = (x + mod(mean<T>(a2), 1.5))
}
