// What Transformers compute element by element and row by row, between products.

// Softmax is exp(x) over its sum in the row, less a constant: the gradient of a
// smoothed cross-entropy but for its target.
norm Softmax(less = 0) {
  in  x[R..., C]
  let e = exp(x - max<C>(x))
  out y = e / sum<C>(e) - less
}

// SoftmaxGradient takes the gradient of Softmax(x) = y to that of x.
norm SoftmaxGradient {
  in  y[R..., C], dy[R..., C]
  out dx = y * (dy - sum<C>(y*dy))
}

norm ReLU {
  in  x[R..., C]
  out y = max(x, 0)
}

// ReLUGradient takes the gradient of ReLU(x) to that of x; y is ReLU(x), or x.
norm ReLUGradient {
  in  y[R..., C], dy[R..., C]
  out dx = if y > 0 then dy else 0
}

// GELU is x/2 * (1 + erf(x/sqrt 2)).
norm GELU {
  in  x[R..., C]
  out y = 0.5*x * (1 + erf(x*0.7071067811865476))
}

// GELUGradient takes the gradient of GELU(x) to that of x.
norm GELUGradient {
  in  x[R..., C], dy[R..., C]
  out dx = dy * (0.5*(1 + erf(x*0.7071067811865476)) + x*exp(-0.5*x*x)*0.3989422804014327)
}

gen Softmax         { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen SoftmaxGradient { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen ReLU            { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen ReLUGradient    { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen GELU            { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen GELUGradient    { shape C = any; dtype f32, f64; target go, avx2, avx512 }
