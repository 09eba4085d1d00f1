norm Norm1008665(t1 = 2) {
  in   x[N, C, S...]
  stat m1[N, C] = mean<S>(x)
  let  a2 = if 1 <= t1 then x else m1
  stat m2 = mean<N, C, S>(a2)
  let  a3 = a2 - m2
  stat m3 = mean<N, C, S>(a3^2)
  out  y = x
}
