norm Norm1006572 {
  in x[N, C, S]
  param g1[C] = 1
  stat m1[N] = mean<C, S>(x)
  let a1 = x - m1
  stat m2[N] = mean<C, S>(a1^2)
  stat m3[N, C] = mean<S>(x)
  backward approximate (dy) {
    stat m4[N] = mean<C, S>(x)
    let a2 = x - m4
    stat m5[N] = mean<C, S>(a2^2)
    stat m6[N, C] = mean<S>(x)
    stat m7[C] = mean<N, S>(x)
  }
  out y = x * g1
}
