norm Norm1005803(e1 = 0.1) {
  in x[A, O, I]
  param g1[O] = 0.5
  stat m1 = mean<A, O, I>(x)
  let a4 = x - m1
  stat m2 = mean<A, O, I>((a4)^2)
  let a5 = a4 * rsqrt(m2 + e1)
  out y = (mod(a5, 1.5))^2
}
