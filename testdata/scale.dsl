// Norms that only scale: by the length of a row, or of each head in it.

// L2Norm gives rows the length 1, as PyTorch's normalize and cosine attention do;
// those shorter than eps are divided by eps, and no gradient flows through their
// length. max(ss, eps^2) is the square of max(sqrt(ss), eps), and has a gradient
// at 0 too.
norm L2Norm(eps = 1e-5) {
  in   x[R..., C]
  stat ss[R] = sum<C>(x^2)
  out  y = x * rsqrt(max(ss, eps^2))
}

// ScaleNorm gives rows the learnt length g: Nguyen and Salazar 2019.
norm ScaleNorm(eps = 1e-5) {
  in    x[R..., C]
  param g = size(C)^0.5
  stat  ss[R] = sum<C>(x^2)
  out   y = x * rsqrt(max(ss, eps^2)) * g
}

// QKNorm is RMSNorm of each of the H heads that lie packed in a row, with one
// gamma for all heads: queries and keys in Gemma 3 and Qwen 3.
norm QKNorm(H = 8, eps = 1e-6) {
  axis  C = H*D
  in    x[R..., C]
  param gamma[D] = 1
  stat  ms[R, H] = mean<D>(x^2)
  out   y = x * rsqrt(ms + eps) * gamma
}

gen L2Norm { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen ScaleNorm { shape C = any; dtype f32, f64; target go, avx2, avx512 }
gen QKNorm { shape C = any; dtype f32, f64; target go, avx2, avx512 }
