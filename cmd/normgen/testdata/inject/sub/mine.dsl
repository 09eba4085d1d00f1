// Plain is used with a knob.
norm Plain(low = 1e-6) {
  in     p[R..., C]
  reduce C
  scale  sqrt(ms + low)  // of the row
}

norm Other { in q[R..., C] out r = abs(q) + 1 }
