norm Norm1000051 {
  in   x[N, C, S...]
  mask keep[N]
  state s1[C] = 1 where s1 >= 0
  stat m1[N, C] = mean<S>(x)
  let  a1 = x - m1
  stat m2[N, C] = mean<S>(a1^2)
  mode train { stat m3[C] = mean<N, S | keep>(a1^2) let q1 = m3 }
  mode eval { let q1 = 1 }
  out  z = if q1 <= m2 then 1 else x
}
