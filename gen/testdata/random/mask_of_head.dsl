norm M(t1 = 1) {
  in x[N..., C]
  mask keep[N]
  param g1[C] = 0
  let a1 = if 1 <= t1 or keep then g1 else 1
  out y = a1 * x
}
