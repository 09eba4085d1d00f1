norm Norm13(e1 = 0.1, e2 = 0.5) {
  in x[O, I...]
  param g1[O] = 1
  param g2 = 0
  param g3 = 1
  stat m1[O] = mean<I>((x)^2)
  let a1 = x * rsqrt(m1 + e1)
  stat m3 = mean<O, I>(a1)
  let a2 = a1 - m3
  stat m4 = mean<O, I>((a2)^2)
  let a3 = a2 * rsqrt(m4 + e2)
  stat m5 = mean<O, I>(x)
  let a4 = x - m5
  stat m6 = mean<O, I>((a4)^2)
  let a5 = a4 * rsqrt(m6 + 0.25)
  out y = (if a5 <= a5 then g3 else a3), z = (a2 + exp(g3))
        }
