norm Norm0(t1 = 1) {
  in x[N..., C]
  mask keep[N]
  param g1[C] = 0
  let a1 = (if (step <= t1 or keep) then x * g1 else x)
  out y = a1 + mean<N, C | keep>(a1)
}
