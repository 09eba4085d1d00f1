norm Norm0(e1 = 0.1, t1 = 3) {
  in x[B, T, C]
  mask keep[T]
  state s1[C] = 1 where s1 >= 0
  mode train { stat m2[C] = mean<B, T | keep>((x)^2) update s1 := max(s1, m2) let q1 = m2 }
  mode eval { let q1 = s1 }
  let a1 = x * rsqrt(q1 + e1)
  out z = mean<T | keep>(a1)
}
