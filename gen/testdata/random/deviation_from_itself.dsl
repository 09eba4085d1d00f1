norm Norm1 {
  in   x[N, S, C]
  let  a = x - x
  out  z = mean<S>(a)
}
