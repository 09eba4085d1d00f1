norm Norm351(e1 = 0.5, e2 = 0.5) {
  in x[O, I...]
  param g1[O] = 1
  stat m1 = mean<O, I>((x)^2)
  let a1 = x * rsqrt(m1 + e1)
  stat m2 = mean<O, I>(a1)
  let a2 = a1 - m2
  stat m3 = mean<O, I>((a2)^2)
  let a3 = a2 * rsqrt(m3 + e2)
  let a4 = (a1 + tanh(m3))
  backward (dy) { grad a4 = derived(a4) }
  out y = a4 + ((g1 * a4 - mean<O, I>(a4)))
}
