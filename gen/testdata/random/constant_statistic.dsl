norm Norm43 {
  in   x[R..., C]
  stat m1[R] = mean<C>(x)
  let  a1    = x - m1
  stat m3[R] = mean<C>(a1)
  out  y = a1
}
