norm Norm8(e1 = 1) {
  in x[T, B, C]
  mask keep[B, T]
  param g1[C] = 1
  stat m1[C] = mean<T, B | keep>((x)^2)
  let a1 = x * rsqrt(m1 + 0.25)
  stat m2[C] = mean<T, B | keep>((x)^2)
  let a2 = x * rsqrt(m2 + e1)
  out y = tanh(max(a2, m2))
}
