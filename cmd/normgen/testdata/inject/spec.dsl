// A spec with every item of the language.

use Plain(low = 2) as Taken, Other from "sub/mine.dsl"

norm Clauses(eps = 1e-5, momentum = 0.1) {
  in      x[N..., C]
  mask    keep[N]
  reduce  N
  shift   mean
  scale   sqrt(var + eps)
  running mean, unbiased var ema momentum
  affine  * (1 + gamma[C] = 0), + beta[C] = 0
}

norm Stateful(tiny = 1e-5, alpha = 0.9) {
  in    data[M..., L]  // rows and columns
  mask  valid[M]
  param factor[L] = 1
  state psi[L] = 1 where psi >= 0, nu[L] = 0
  mode train {
    stat   power[L] = mean<M | valid>(data^2)
    let    xh       = data * rsqrt(power + tiny)
    update psi := ema(psi, power, 1 - alpha)
    backward approximate (dres) {
      let    g      = dres*factor
      stat   lam[L] = mean<M | valid>(g*xh)
      grad   data = (g - nu*xh) * rsqrt(psi + tiny)
      update nu := ema(nu, lam, 1 - alpha)
    }
  }
  mode eval { let xh = data * rsqrt(psi + tiny) }
  out res = factor*xh
}

norm Blocks(K = 2, small = 1e-5) {
  axis   B = K*D
  in     w[R..., B]
  reduce D
  scale  sqrt(ms + small)
}

gen Clauses { shape C = 64, any; dtype f32; target go; layout [N..., C] }
gen Stateful(alpha = 0.5) as Fixed { dtype f64 }
gen Blocks(K = 4) as Blocks4 {}
