norm Norm199(t1 = 3, e1 = 0.1) {
  in x[O, I...]
  param g1[O] = 0
  let a1 = mean<I>(x * 1/(abs(g1) + 0.25))
  stat m1[O] = max<I>(tanh(x * mean<O, I>(x * a1)))
  stat m2[O] = mean<I>(x)
  let a2 = x - m2
  stat m3[O] = mean<I>((a2)^2)
  let a3 = if step < t1 then m3 else 1
  let a4 = a2 * rsqrt(a3 + e1)
  stat m4 = mean<O, I>(a2 * tanh(a3 * a1))
  out y = clip(a4 * min(floor(m4), (abs(m4) + 1)^1.5), -3, 3), z = (a2 + max<O, I>(a2))
}
