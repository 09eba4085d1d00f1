package gen

import (
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/plan"
)

// edges are small norms that go where a plan could go wrong, and what the error
// says of those that have no plan.
var edges = []struct{ text, refused string }{
	// Outputs that are nothing but an input or a constant still need a sweep.
	{"norm Same { in x[N, C] out y = x }", ""},
	{"norm Zero { in x[N, C] out y = 0*x + 1 }", ""},
	{"norm Swapped { in x[N, C], w[N, C] out y = w, z = x }", ""},
	{"norm Twice { in x[N, C] out y = x, z = x }", ""},
	{"norm Unused { in x[N, C], w[N, C] out y = 2*x }", ""},
	{"norm Dropped { in x[N, C] mask keep[N] out y = if keep then x else 0 }", ""},

	// Reductions of every kind and in every order.
	{"norm MaxRow { in x[R..., C] out y = x - max<C>(x) }", ""},
	{"norm MaxCol { in x[N..., C] out y = x / max<N>(x) }", "has no schedule"},
	{"norm SumCol { in x[N..., C] stat s[C] = sum<N>(x) out y = x*s }", ""},
	{"norm RowOfCol { in x[N..., C] stat a[C] = mean<N>(x^2) let z = x*rsqrt(a + 1) stat b[N] = mean<C>(z^2) out y = z*rsqrt(b + 1) }", ""},
	{"norm ColOfRow { in x[N..., C] stat b[N] = mean<C>(x^2) let z = x*rsqrt(b + 1) stat a[C] = mean<N>(z^2) out y = z*rsqrt(a + 1) }", ""},
	{"norm Both { in x[N..., C] stat b[N] = mean<C>(x^2), a[C] = mean<N>(x^2) out y = x*rsqrt(a + b + 1) }", ""},
	{"norm BothMoments { in x[N..., C] stat v[N] = mean<C>((x - mean<C>(x))^2), w[C] = mean<N>((x - mean<N>(x))^2) out y = x*rsqrt(v + w + 1) }", ""},
	{"norm TwoDomains { in x[N..., C] mask keep[N] stat v[C] = mean<N | keep>((x - mean<N | keep>(x))^2), w[C] = mean<N | all>((x - mean<N | all>(x))^2) out y = x*rsqrt(v + w + 1) }", ""},
	{"norm Chain { in x[R..., C] let z = x*rsqrt(mean<C>(x^2) + 1), w = z*rsqrt(mean<C>(z^4) + 1) out y = w - mean<C>(w^3) }", ""},
	{"norm LetTwice { in x[R..., C] let s = x*rsqrt(mean<C>(x^2) + 1) stat v[R] = mean<C>(s*x) out y = s*v + x }", ""},
	{"norm FourSweeps { in x[N..., C] let a = x*rsqrt(mean<N>(x^2) + 1), b = a*rsqrt(mean<N>(a^4) + 1), c = b*rsqrt(mean<N>(b^6) + 1) out y = c }", ""},
	{"norm Whole { in x[N, C] stat a = mean<N, C>(x^2) out y = x*rsqrt(a + 1) }", ""},
	{"norm OfStat { in x[N, C] stat a[N] = mean<C>(x^2), m = mean<N>(a) out y = x*rsqrt(m + 1) }", ""},

	// Elementary functions of elements, rows, columns and knobs.
	{"norm Saturated { in x[N, C] param alpha[C] = 0.5 out y = tanh(alpha*x) + erf(alpha*x) }", ""},
	{"norm Softplus { in x[N, C] out y = log(1 + exp(x)) }", ""},
	{"norm LogOfRow { in x[R..., C] stat m[R] = mean<C>(x^2) out y = x*log(m + 2) }", ""},
	{"norm ExpOfCol { in x[N..., C] stat m[C] = mean<N>(x) out y = x*exp(-m) }", ""},
	{"norm OfKnobs(a = 0.5) { in x[N, C] out y = x*exp(-a) + tanh(a)*x + erf(0.25) - log(a + 1) }", ""},

	// Several inputs, outputs and masks.
	{"norm Cross { in x[R..., C], w[R..., C] stat c[R] = sum<C>(x*w) out y = x*c, z = w*c }", ""},
	{"norm Centred { in x[R..., C], w[R..., C] let xc = x - mean<C>(x), wc = w - mean<C>(w) out y = xc*mean<C>(xc*wc)*rsqrt(mean<C>(xc^2) + 1) }", ""},
	{"norm TwoMasks { in x[N..., C] mask keep[N], pick[N] stat a[C] = mean<N | keep>(x^2), b[C] = mean<N | pick>(x) out y = (x - b)*rsqrt(a + 1) }", ""},
	{"norm Computed { in x[N..., C] mask keep[N], pick[N] let m = keep and pick stat a[C] = mean<N | m>(x^2) out y = x*rsqrt(a + 1) }", "is computed"},
	{"norm OtherOrder { in x[N, C], s[C, N] out y = x*s }", "OtherOrder"},
	{"norm Narrow { in x[N, C], s[C] out y = x*s }", "a tensor varies over all axes"},
	{"norm Transposed { in x[T, B, C] mask keep[B, T] stat a[C] = mean<T, B | keep>(x^2) out y = x*rsqrt(a + 1) }", ""},

	// Groups.
	{"norm Grouped(K = 2) { axis C = K*D in x[R..., C] param gamma[C] = 1 stat m[R, K] = mean<D>(x) let xc = x - m stat v[R, K] = mean<D>(xc^2) out y = xc*rsqrt(v + 1)*gamma }", ""},
	{"norm GroupAndCol(K = 2) { axis C = K*D in x[N, C] stat a[N, K] = mean<D>(x^2), b[C] = mean<N>(x) out y = (x - b)*rsqrt(a + 1) }", ""},
	{"norm GroupAndRow(K = 2) { axis C = K*D in x[R..., C] let z = x*rsqrt(mean<D>(x^2) + 1) out y = z*rsqrt(mean<K, D>(z^2) + 1) }", ""},
	{"norm TwoFactors(K = 2, M = 3) { axis C = K*M*D in x[R..., C] stat a[R, K, M] = mean<D>(x^2) out y = x*rsqrt(a + 1) }", ""},
	{"norm TwoLevels(K = 2, M = 3) { axis C = K*M*D in x[R..., C] stat a[R, K] = mean<M, D>(x^2), b[R, K, M] = mean<D>(x^2) out y = x*rsqrt(a + b + 1) }", ""},
	{"norm Strided(K = 2) { axis C = K*D in x[R..., C] stat a[R, D] = mean<K>(x^2) out y = x*rsqrt(a + 1) }", "groups of neighbours"},
	{"norm OnlyEval(K = 2) { axis C = K*D in x[R..., C] mode train { let u = x } mode eval { let u = x*rsqrt(mean<D>(x^2) + 1) } out y = u }", ""},

	// Conditions, positions, sizes.
	{"norm RowCond { in x[N, C] stat m[N] = mean<C>(x) out y = if m > 0 then x else -x }", ""},
	{"norm ColCond { in x[N, C] stat m[C] = mean<N>(x) out y = if m > 0 then x else -x }", ""},
	{"norm MixedCond { in x[N, C] stat m[C] = mean<N>(x) out y = if step > 3 and m > 0 then x else -x }", ""},
	{"norm FullCond { in x[N, C], w[N, C] let p = x > w out y = if p then x*w else if not p and x > 0 then w else x*x }", ""},
	{"norm Position { in x[T, C] out y = x*index(C) }", ""},
	{"norm RowPosition { in x[T, C] out y = x*(1 + index(T)) }", "know positions along columns"},
	{"norm PartSize { in x[T, B, C] out y = x/size(T) }", "do not know the size"},
	{"norm ColSize { in x[N, C] out y = x/size(C) }", ""},
	{"norm Steps { in x[N, C] out y = x*step }", ""},
	{"norm Knobs(W = 3) { in x[N, C] out y = clip(x, -W, W) }", ""},
	{"norm RowPower { in x[N, C] out y = x*(1 + mean<C>(x^2))^(-0.5) }", ""},
	{"norm MaskUse { in x[N, C] mask keep[N] stat m[C] = mean<N | keep>(x) out y = if not keep then x - m else x*m }", ""},
	{"norm OneAxis { in x[C] out y = x*x }", ""},

	// Largest elements.
	{"norm MaxGroup(K = 2) { axis C = K*D in x[R..., C] stat m[R, K] = max<D>(x) out y = x - m }", ""},
	{"norm MaxOfGroups(K = 2) { axis C = K*D in x[R..., C] stat a[R, K] = mean<D>(x^2), m[R] = max<K>(a) out y = x*rsqrt(m + 1) }", ""},
	{"norm MaxOfCols { in x[N..., C] stat a[C] = mean<N>(x^2), m = max<C>(a) out y = x*rsqrt(m + 1) }", ""},
	{"norm MaxInSegment { in x[N, S, C] param g[C] = 1 stat m[N, C] = max<S>(x) out y = (x - m)*g }", "has no schedule"},
	{"norm MaxOfRows { in x[N..., C] stat a[N] = mean<C>(x^2), m = max<N>(a) out y = x*rsqrt(m + 1) }", "has no schedule"},

	// Numbers of the whole tensor, and reductions of arrays.
	{"norm WholeMasked { in x[A, B, C] mask keep[A, B] stat m = mean<A, B, C | keep>(x) let xc = x - m stat v = mean<A, B, C | keep>(xc^2) out y = xc*rsqrt(v + 1) }", ""},
	{"norm WholeChain { in x[N, C] let u = x*rsqrt(mean<N, C>(x^2) + 1) out y = u*rsqrt(mean<N, C>(u^4) + 1) }", ""},
	{"norm MeanOfCols { in x[N..., C] stat a[C] = mean<N>(x^2), m = mean<C>(a) out y = x*rsqrt(a + m + 1) }", ""},
	{"norm MomentsOfCols { in x[N..., C] stat a[C] = mean<N>(x), v = mean<C>((a - mean<C>(a))^2) out y = (x - a)*rsqrt(v + 1) }", ""},
	{"norm MomentsOfRows { in x[N..., C] stat a[N] = mean<C>(x), v = mean<N>((a - mean<N>(a))^2) out y = (x - a)*rsqrt(v + 1) }", ""},
	{"norm MomentsOfGroups(K = 2) { axis C = K*D in x[N..., C] stat a[N, K] = mean<D>(x), v[K] = mean<N>((a - mean<N>(a))^2) out y = (x - a)*rsqrt(v + 1) }", ""},
	{"norm MomentsInRow(K = 2) { axis C = K*D in x[N..., C] stat a[N, K] = mean<D>(x), v[N] = mean<K>((a - mean<K>(a))^2) out y = (x - a)*rsqrt(v + 1) }", ""},
	{"norm SumOfGroups(K = 2) { axis C = K*D in x[N..., C] mask keep[N] stat a[N, K] = mean<D>(x^2), b[K] = mean<N | keep>(a), c = sum<K>(b) out y = x*rsqrt(a + b + c + 1) }", ""},
	{"norm ColsToGroups(K = 2) { axis C = K*D in x[N..., C] stat a[C] = mean<N>(x^2), b[K] = mean<D>(a), c[D] = mean<K>(a) out y = x*rsqrt(b + c + 1) }", ""},

	// Segments: the rows of a sample.
	{"norm Instance { in x[N, S, C] param g[C] = 1 stat m[N, C] = mean<S>(x) let xc = x - m stat v[N, C] = mean<S>(xc^2) out y = xc*rsqrt(v + 1)*g }", ""},
	{"norm Sample { in x[N, S, C] param g[C] = 1 stat m[N] = mean<S, C>(x) let xc = x - m stat v[N] = mean<S, C>(xc^2) out y = xc*rsqrt(v + 1)*g }", ""},
	{"norm SampleGroups(K = 2) { axis C = K*D in x[N, S, C] param g[C] = 1 stat v[N, K] = mean<S, D>(x^2) out y = x*rsqrt(v + 1)*g }", ""},
	{"norm SegmentMask { in x[N, S, C] mask keep[N, S] param g[C] = 1 stat v[N, C] = mean<S | keep>(x^2) out y = x*rsqrt(v + 1)*g }", ""},
	{"norm SegmentMaskMoments { in x[N, S, C] mask keep[N, S] stat m[N, C] = mean<S | keep>(x) let xc = x - m stat v[N, C] = mean<S | keep>(xc^2) out y = if keep then xc*rsqrt(v + 1) else 0 }", ""},
	{"norm SegmentChain { in x[N, S, C] let a = x*rsqrt(mean<S>(x^2) + 1) let b = a*rsqrt(mean<S>(a^4) + 1) out y = b*rsqrt(mean<N, S>(b^2) + 1) }", ""},
	{"norm SegmentAfterCol { in x[N, S, C] let a = x*rsqrt(mean<N, S>(x^2) + 1) out y = a*rsqrt(mean<S>(a^4) + 1) }", ""},
	{"norm SegmentAndAll { in x[N, S, C] stat a[N, C] = mean<S>(x), b[C] = mean<N>(a), v[C] = mean<N>((a - b)^2) out y = (x - a)*rsqrt(v + 1) }", ""},
	{"norm SegmentAndRow { in x[N, S, C] stat a[N, C] = mean<S>(x^2), b[N, S] = mean<C>(x^2) out y = x*rsqrt(a + b + 1) }", ""},
	{"norm SegmentToNumber { in x[N, S, C] stat a[N, C] = mean<S>(x^2), b[N] = max<C>(a) out y = x*rsqrt(b + 1) }", ""},
	{"norm Response { in x[N, S, C] param g[C] = 1 let n = sqrt(sum<S>(x^2) + 1) out y = g*(x*n/(mean<C>(n) + 1)) + x }", ""},
	{"norm SegmentInput { in x[B, T, C], s[B, C], t[B, C] out y = x*(1 + s) + t }", ""},
	{"norm SegmentNumber { in x[B, T, C], s[B] out y = x*s }", ""},
	{"norm SegmentGroupInput(K = 2) { axis C = K*D in x[B, T, C], s[B, K] param g[D] = 1 out y = x*s*g }", ""},
	{"norm SegmentOutput { in x[N, S, C] stat m[N, C] = mean<S>(x) out y = x - m, means = m }", ""},
	{"norm SegmentOutputAlone { in x[N, S, C] out y = x, means = mean<S>(x) }", ""},
	{"norm SegmentSizes { in x[N, S, C] stat m[N, C] = sum<S>(x) out y = x - m/(size(S) + size(N)) }", ""},
	{"norm OuterMask { in x[N, S, C] mask keep[N] stat m[C] = mean<N, S | keep>(x) let xc = x - m stat v[C] = mean<N, S | keep>(xc^2) out y = xc*rsqrt(v + 1) }", ""},
	{"norm InnerMask { in x[N, S, C] mask keep[S] stat m[C] = mean<N, S | keep>(x^2) out y = x*rsqrt(m + 1) }", ""},
	{"norm MiddleMask { in x[A, B, D, C] mask keep[B] stat m[C] = mean<A, B, D | keep>(x^2) out y = if keep then x*rsqrt(m + 1) else 0 }", ""},
	{"norm MaskedSegments { in x[N, S, C] mask keep[N] stat a[N, C] = mean<S>(x^2), b[C] = mean<N | keep>(a) out y = x*rsqrt(b + 1) }", ""},
	{"norm MaskedSegmentMoments { in x[N, S, C] mask keep[N] stat a[N, C] = mean<S>(x), b[C] = mean<N | keep>(a), v[C] = mean<N | keep>((a - b)^2) out y = (x - b)*rsqrt(v + 1) }", ""},
	{"norm TwoSegmentations { in x[A, B, T, C] param g[C] = 1 stat a[A, C] = mean<B, T>(x^2), b[A, B, C] = mean<T>(x^2) out y = x*rsqrt(a + b + 1)*g }", "another value over"},
	{"norm InnerSegments { in x[A, B, C] param g[C] = 1 stat a[B] = mean<A, C>(x^2) out y = x*rsqrt(a + 1)*g }", "all or over the outer ones"},
	{"norm InnerInput { in x[T, B, C], s[B, C] out y = x*s }", "all or over the outer ones"},
	{"norm PartOfRow(K = 2) { axis C = K*D in x[R..., C] stat a[R, D] = mean<K>(x^2) out y = x*a }", "groups of neighbours"},

	// Channels before positions: parameters for each group of a row.
	{"norm ChannelsFirst { in x[N, C, S...] param g[C] = 1, b[C] = 0 stat m[N, C] = mean<S>(x) let xc = x - m stat v[N, C] = mean<S>(xc^2) out y = xc*rsqrt(v + 1)*g + b }", ""},
	{"norm ChannelsMax { in x[N, C, S...] param g[C] = 1 stat m[N, C] = max<S>(x) out y = (x - m)*g }", ""},
	{"norm ChannelsBatch { in x[N, C, S...] mask keep[N] param g[C] = 1 stat m[C] = mean<N, S | keep>(x) let xc = x - m stat v[C] = mean<N, S | keep>(xc^2) out y = xc*rsqrt(v + 1)*g }", ""},
	{"norm ChannelsGroup(K = 2) { axis C = K*D in x[N, C, S...] param g[C] = 1 stat v[N, K] = mean<D, S>(x^2) out y = x*rsqrt(v + 1)*g }", ""},
	{"norm ChannelsResponse { in x[N, C, S...] param g[C] = 1 let n = sqrt(sum<S>(x^2) + 1) out y = g*(x*n/(mean<C>(n) + 1)) + x }", ""},
	{"norm ChannelsAndCol { in x[N, C, S] param g[C] = 1, b[S] = 0 stat v[N, C] = mean<S>(x^2) out y = x*rsqrt(v + 1)*g + b }", ""},
	{"norm Layouts { in x[N, C, S...] param g[C] = 1 stat v[N, C] = mean<S>(x^2) out y = x*rsqrt(v + 1)*g } gen Layouts { layout [N, C, S...], [N, S..., C] }", ""},
	{"norm Middle { in v[P, O, I...] param g[O] = 1 out w = v*rsqrt(sum<P, I>(v^2) + 1)*g }", ""},

	// Levels of groups.
	{"norm ThreeLevels(K = 2, M = 3) { axis C = K*M*D in x[R..., C] stat a[R] = mean<K, M, D>(x^2), b[R, K] = mean<M, D>(x^2), c[R, K, M] = mean<D>(x^2) out y = x*rsqrt(a + b + c + 1) }", ""},
	{"norm LevelChain(K = 2, M = 3) { axis C = K*M*D in x[R..., C] let u = x*rsqrt(mean<D>(x^2) + 1), w = u*rsqrt(mean<M, D>(u^4) + 1) out y = w - mean<K, M, D>(w^3) }", ""},
	{"norm LevelMoments(K = 2, M = 3) { axis C = K*M*D in x[R..., C] let u = x - mean<M, D>(x), v = mean<M, D>(u^2), w = x - mean<D>(x), z = mean<D>(w^2) out y = u*rsqrt(v + 1) + w*rsqrt(z + 1) }", ""},
	{"norm LevelsUp(K = 2, M = 3) { axis C = K*M*D in x[R..., C] stat a[R, K, M] = mean<D>(x^2), b[R, K] = max<M>(a), c[R] = sum<K>(b) out y = x*rsqrt(a + b + c + 1) }", ""},

	// Parameters and states of any shape.
	{"norm Gain { in x[N, C] param g = 1, b = 0 out y = g*x + b }", ""},
	{"norm GainOfRow { in x[R..., C] param g = size(C)^0.5 stat s[R] = sum<C>(x^2) out y = x*rsqrt(max(s, 1))*g }", ""},
	{"norm GainAndCol { in x[N..., C] param g = 1, h[C] = 1 stat m[C] = mean<N>(x*g) out y = x*g - m*h }", ""},
	{"norm Shared(K = 2) { axis C = K*D in x[R..., C] param g[D] = 1 stat m[R, K] = mean<D>(x^2) out y = x*rsqrt(m + 1)*g }", ""},
	{"norm PerGroup(K = 2) { axis C = K*D in x[R..., C] param g[K] = 1, h[D] = 0 out y = x*g + h }", ""},
	{"norm PerPart(K = 2, M = 3) { axis C = K*M*D in x[R..., C] param g[M] = 1, h[K, D] = 0 out y = x*g + h }", ""},
	{"norm Ring(W = 3) { axis S = 4 in x[N..., C] state buf[S, C] = 1 where buf >= 0, low[C] = 0 mode train { stat a[C] = mean<N>(x^2) let here = index(S) == mod(step, size(S)), now = (if here then a else buf) update buf := now, low := max<S>(now) let m = mean<S>(now) } mode eval { let m = mean<S>(buf) } out y = x*rsqrt(m + 1) }", ""},
	{"norm NumberRing { axis S = 3 in x[N..., C] state buf[S] = 0 where buf >= 0 mode train { stat a = mean<N, C>(x^2) let now = if index(S) == mod(step, size(S)) then a else buf, m = mean<S>(now) update buf := now } mode eval { let m = max<S>(buf) } out y = x*rsqrt(m + 1) }", ""},
	{"norm GroupState(K = 2) { axis C = K*D in x[N..., C] state s[K] = 1 where s >= 0, t[D] = 0 mode train { stat a[K] = mean<N, D>(x^2), b[D] = mean<N, K>(x) let m = a, n = b update s := ema(s, a, 0.1), t := ema(t, b, 0.1) } mode eval { let m = s, n = t } out y = (x - n)*rsqrt(m + 1) }", ""},
	{"norm StateOfState { in x[N..., C] state s[C] = 1 where s >= 0, n = 0 where n >= 0 mode train { stat a[C] = mean<N>(x^2) let m = a update s := ema(s, a, 0.1), n := sum<C>(ema(s, a, 0.1)) } mode eval { let m = s + n } out y = x*rsqrt(m + 1) }", ""},
	{"norm InferKnob(a = 0.5) { in x[N..., C] state s[C] = 1 where s >= 0 mode train { stat v[C] = mean<N>(x^2) let m = v update s := ema(s, v, 0.1) } mode eval { let m = if a > 0 then s else 1 } out y = x*rsqrt(m + 1) }", ""},
	{"norm InferStep { in x[N..., C] state s[C] = 1 where s >= 0 mode train { stat v[C] = mean<N>(x^2) let m = v update s := ema(s, v, 0.1) } mode eval { let m = if step > 3 then s else mean<N>(x^2) } out y = x*rsqrt(m + 1) }", ""},
	{"norm TooManyConditions(a = 1, b = 2, c = 3) { in x[N, C] out y = if a > 0 then x else if b > 0 then 2*x else if c > 0 then 3*x else x*x }", "more than 2 conditions"},
	{"norm Weights { in v[O..., I] param g = 1 out w = g*v*rsqrt(sum<O, I>(v^2) + 1) }", ""},
	{"norm WeightsAlone { in v[I...] param g[I] = 1 out w = g*v*rsqrt(sum<I>(v^2) + 1) }", ""},

	// Domains inside a row.
	{"norm Head(p = 0.5) { in x[R..., C] let head = index(C) < floor(p*size(C)) stat m[R] = mean<C | head>(x^2) out y = x*rsqrt(m + 1) }", ""},
	{"norm HeadMoments { in x[R..., C] let head = index(C) < 2 stat m[R] = mean<C | head>(x) let xc = x - m stat v[R] = mean<C | head>(xc^2) out y = xc*rsqrt(v + 1) }", "a domain that the plan cannot select"},
	{"norm HeadWhole { in x[N, C] let head = index(C) < 2 stat m = mean<N, C | head>(x^2) out y = x*rsqrt(m + 1) }", ""},
	{"norm HeadKept { in x[N, C] mask keep[N] let head = index(C) < 2 and keep stat m = mean<N, C | head>(x^2) out y = x*rsqrt(m + 1) }", "a declared mask, head is computed"},
	{"norm HeadSegment { in x[N, S, C] let head = index(C) < 2 stat m[N] = mean<S, C | head>(x^2) out y = x*rsqrt(m + 1) }", ""},
	{"norm HeadWholeMoments { in x[N, C] let head = index(C) < 2 stat m = mean<N, C | head>(x) let xc = x - m stat v = mean<N, C | head>(xc^2) out y = xc*rsqrt(v + 1) }", "a declared mask, head is computed"},
	{"norm HeadOfGroup(K = 2) { axis C = K*D in x[R..., C] let head = index(D) < 2 stat a[R, K] = mean<D | head>(x^2) out y = x*rsqrt(a + 1) }", ""},
	{"norm HeadOfRow(K = 2) { axis C = K*D in x[R..., C] let head = index(D) < 2 stat a[R] = mean<K, D | head>(x^2) out y = x*rsqrt(a + 1) }", ""},
	{"norm HeadPerGroup(K = 2) { axis C = K*D in x[R..., C] let head = index(C) < 2 stat a[R, K] = mean<D | head>(x^2) out y = x*rsqrt(a + 1) }", "counted all together"},
	{"norm HeadMax { in x[R..., C] let head = index(C) < 2 stat m[R] = max<C | head>(x) out y = x - m }", "a domain that the plan cannot select"},
	{"norm MaskedRow { in x[R..., C] mask keep[C] stat m[R] = mean<C | keep>(x^2) out y = x*rsqrt(m + 1) }", "a mask selects rows"},
	{"norm MaskedElements { in x[N, C] mask keep[N, C] stat m[C] = mean<N | keep>(x^2) out y = x*rsqrt(m + 1) }", "a mask selects rows"},
	{"norm RowCount { in x[A, B, C] mask keep[A, B] stat m[A, C] = sum<B | keep>(x), n[A, C] = sum<B | keep>(0*x + 1) out y = x*m/n }", ""},

	// Mixtures.
	{"norm SampleGroupsMasked(K = 2) { axis C = K*D in x[N, S, C] mask keep[N, S] param g[C] = 1 stat m[N, K] = mean<S, D | keep>(x) let xc = x - m stat v[N, K] = mean<S, D | keep>(xc^2) out y = if keep then xc*rsqrt(v + 1)*g else x }", ""},
	{"norm SampleScalar { in x[N, S, C] param g = 1 state r = 1 where r >= 0 mode train { stat v[N] = mean<S, C>(x^2) let m = v update r := ema(r, mean<N>(v), 0.1) } mode eval { let m = r } out y = x*rsqrt(m + 1)*g }", ""},
	{"norm PositionInGroup(K = 2) { axis C = K*D in x[N, C, S] param g[C] = 1 out y = x*g*(1 + index(K)) + index(D)*index(S) }", ""},
	{"norm PositionInSegment { in x[N, S, C] param g[C] = 1 stat m[N, C] = mean<S>(x) let p = if index(C) < 2 then m else 2*m out y = (x - p)*g }", ""},
	{"norm SegmentStep(W = 3) { in x[N, S, C] param g[C] = 1 stat m[N, C] = mean<S>(x) let p = if step < W then m else 2*detach(m) out y = (x - p)*g }", ""},
	{"norm NumberOutput { in x[N, S, C] param g[C] = 1 stat m[N] = mean<S, C>(x) out y = (x - m)*g, level = m }", ""},
	{"norm SegmentTwoInputs { in x[N, S, C], w[N, S, C], s[N, C] let h = x + w*s stat v[N, C] = mean<S>(h^2) out y = h*rsqrt(v + 1), hout = h }", ""},
	{"norm ChannelsMaxMean(K = 2) { axis C = K*D in x[N, C, S] param g[C] = 1 stat a[N, C] = max<S>(x), m[N, K] = mean<D>(a), t[N] = max<K>(m) out y = (x - a + m - t)*g }", ""},
	{"norm GroupMax(K = 2) { axis C = K*D in x[N, S, C] param g[C] = 1 stat a[N, C] = mean<S>(x), t[N, K] = max<D>(a) out y = (x - t)*g }", ""},
	{"norm Softmax { in x[R..., C] stat m[R] = max<C>(x) let e = exp(x - m) stat s[R] = sum<C>(e) out y = e/s }", ""},
	{"norm FiveDeep(K = 2) { axis C = K*D in x[N, S, C] param g[D] = 1, h[K] = 0 let a = x*rsqrt(mean<D>(x^2) + 1), b = a*rsqrt(mean<S>(a^4) + 1), c = b*rsqrt(mean<C>(b^2) + 1) stat v[K] = mean<N, S, D>(c^2) out y = c*rsqrt(v + 1)*g + h }", ""},
	{"norm RowInput { in x[N, C], s[N] out y = x*s }", "a tensor varies over all axes"},
	{"norm RowOutput { in x[N, C] out y = x, m = mean<C>(x) }", "a tensor varies over all axes"},
	{"norm ColOutput { in x[N, C] out y = x, m = mean<N>(x) }", "a tensor varies over all axes"},
}

// Small norms have plans that agree with the interpreter, or are refused with a
// reason.
func TestEdges(t *testing.T) {
	for _, e := range edges {
		name := strings.Fields(strings.ReplaceAll(e.text, "(", " "))[1]
		t.Run(name, func(t *testing.T) {
			units, err := planEdge(t, e.text)
			if e.refused != "" {
				if err == nil || !strings.Contains(err.Error(), e.refused) || !strings.Contains(err.Error(), name) {
					t.Errorf("the error is %v, want one with %q", err, e.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range units {
				checkUnit(t, u)
				evalAgrees(t, u)
			}
		})
	}
}

// planEdge plans every layout of the norm.
func planEdge(t *testing.T, text string) ([]*plan.Unit, error) {
	t.Helper()
	return Plan(parse(t, "edge.dsl", text))
}

func edgeUnits(t *testing.T, text string) []*plan.Unit {
	t.Helper()
	units, err := planEdge(t, text)
	if err != nil {
		t.Fatal(err)
	}
	return units
}
