norm Norm1 {
  in    x[O, I...]
  param g[O] = 0
  stat  m1 = sum<O, I>(x), m2[O] = max<I>(if 1 >= x then m1 else m1)
  out   y = x*g + m2
}
