norm Norm1 {
  in   x[N, S, C]
  stat m[C] = mean<N, S>(x)
  let  a = x - m
  out  y = x, z = mean<S>(a)
}
