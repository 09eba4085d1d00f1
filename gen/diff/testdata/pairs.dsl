// Invented norms: pairs that are the same, and pairs that nearly are.

// Lagged divides by a running root mean square and damps its gradient by a
// second state, as the paper's algorithm does, with other rates.
norm Lagged(eps = 1e-4, rate = 0.2) {
  in    x[N..., C]
  mask  keep[N]
  param gamma[C] = 1, beta[C] = 0
  state s[C] = 1 where s >= 0, d[C] = 0
  let   xh = x * rsqrt(s + eps)
  mode train {
    stat   m[C] = mean<N | keep>(x^2)
    update s := ema(s, m, rate)
    backward approximate (dy) {
      let    g = dy*gamma
      stat   p[C] = mean<N | keep>(xh^2), q[C] = mean<N | keep>(g*xh)
      grad   x = (g - d*xh) * rsqrt(s + eps)
      update d := d * (1 - rate*p) + rate*q
    }
  }
  out y = gamma*xh + beta
}

// Rescaled is Lagged with other names, another order, and states in other
// units: t is 3*s, and e is d/rate.
norm Rescaled(eps = 1e-4, rate = 0.2) {
  in    z[T, B, C]
  mask  pick[B, T]
  param w[C] = 1, c[C] = 0
  state e[C] = 0, t[C] = 3 where t >= 0
  let   root = sqrt(t/3 + eps)
  mode train {
    stat   v[C] = mean<T, B | pick>(z*z)
    update t := (1 - rate)*t + 3*rate*v
    backward approximate (dy) {
      let    r = w*dy - rate*e*(z/root)
      grad   z = r/root
      update e := e + mean<T, B | pick>(r*(z/root))
    }
  }
  out o = c + w*z/root
}

// Hasty is Lagged, but its gradient divides by the state after the step.
norm Hasty(eps = 1e-4, rate = 0.2) {
  in    x[N..., C]
  mask  keep[N]
  param gamma[C] = 1, beta[C] = 0
  state s[C] = 1 where s >= 0, d[C] = 0
  let   xh = x * rsqrt(s + eps)
  mode train {
    stat   m[C] = mean<N | keep>(x^2)
    let    next = ema(s, m, rate)
    update s := next
    backward approximate (dy) {
      let    g = dy*gamma
      stat   p[C] = mean<N | keep>(xh^2), q[C] = mean<N | keep>(g*xh)
      grad   x = (g - d*xh) * rsqrt(next + eps)
      update d := d * (1 - rate*p) + rate*q
    }
  }
  out y = gamma*xh + beta
}

// Biased and Unbiased keep a running variance, with n and with n - 1.
norm Biased(eps = 1e-5) {
  in      x[N..., C]
  reduce  N
  shift   mean
  scale   sqrt(var + eps)
  running mean, var ema 0.1
}
norm Unbiased(eps = 1e-5) {
  in      x[N..., C]
  reduce  N
  shift   mean
  scale   sqrt(var + eps)
  running mean, unbiased var ema 0.1
}

// Rows and Centred divide by the root mean square of a row and by its spread.
norm Rows(eps = 1e-5) {
  in     x[R..., C]
  reduce C
  scale  sqrt(ms + eps)
}
norm Centred(eps = 1e-5) {
  in     x[R..., C]
  reduce C
  shift  mean
  scale  sqrt(var + eps)
}

// Declared is Rows with a gradient in train that takes its statistic as fixed.
norm Declared(eps = 1e-5) {
  in   x[R..., C]
  stat ms[R] = mean<C>(x^2)
  mode train { backward approximate (dy) { grad x = dy*rsqrt(ms + eps) } }
  out  y = x*rsqrt(ms + eps)
}

// Early and Late change over at steps 20 and 21.
norm Early(W = 20) {
  in   x[N, C]
  out  y = if step < W then x else 2*x
}
norm Late(W = 20) {
  in   x[N, C]
  out  y = if step <= W then x else 2*x
}

// Wide ignores the mask that Narrow obeys.
norm Wide {
  in    x[N, C]
  mask  keep[N]
  state s[C] = 0
  mode train { update s := s + mean<N | all>(x) + 0*mean<N | keep>(x) }
  out   y = x + 0*s
}
norm Narrow {
  in    x[N, C]
  mask  keep[N]
  state s[C] = 0
  mode train { update s := s + mean<N | keep>(x) }
  out   y = x + 0*s
}

// Second starts its state at 1: one step is the same, a run is not.
norm First {
  in    x[N, C]
  state s[C] = 0
  mode train { update s := ema(s, mean<N>(x), 0.5) }
  out   y = x + s
}
norm Second {
  in    x[N, C]
  state s[C] = 1
  mode train { update s := ema(s, mean<N>(x), 0.5) }
  out   y = x + s
}

// Fixed has the rate that Free has by default.
norm Free(rate = 0.25) {
  in    x[N, C]
  state s[C] = 0
  mode train { update s := ema(s, mean<N>(x), rate) }
  out   y = x + s
}
norm Fixed(rate = 0.25) {
  in    x[N, C]
  state s[C] = 0
  mode train { update s := ema(s, mean<N>(x), 0.25 + 0*rate) }
  out   y = x + s
}

// Small has another eps than Rows.
norm Small(eps = 1e-7) {
  in     x[R..., C]
  reduce C
  scale  sqrt(ms + eps)
}
