norm Norm1007000(t1 = 2, e1 = 1) {
  in x[R..., C]
  param g[C] = 1
  state s1[C] = 0
  let a1 = if step <= t1 then g else e1
  let a2 = if step <= t1 then x else e1
  mode train { update s1 := max<C>(a1) + mean<C>(a1) + sum<C>(a1) }
  out y = x * max<C>(a1) + max<C>(a2) + mean<C>(a2)
}
