package dsl

import (
	"maps"
	"slices"
	"strings"
)

// Codes lists every code, in order.
func Codes() []Code { return slices.Sorted(maps.Keys(codeTexts)) }

// Explain returns the longer text about a code, as normgen help prints it.
func Explain(c Code) (string, bool) {
	t, ok := codeTexts[c]
	if !ok {
		return "", false
	}
	return string(c) + ": " + t.title + "\n\n" + t.text + "\n", true
}

var codeTexts = map[Code]struct{ title, text string }{
	codeFileSize: {"The spec is too large", `A spec and the files that it uses have at most 1 MiB. Real ones have a few kilobytes; split the file.`},
	codeUTF8:     {"The spec is not UTF-8", `Save the file as UTF-8. Names and signs are ASCII; comments may hold any visible character.`},
	codeHidden: {"An invisible character", `Control characters, zero-width characters and characters that change the direction of text are not
allowed, in comments neither: they could show a reader another spec than the compiler sees.`},
	codeChar: {"A character that starts nothing", `The signs of the language are + - * / ^ < <= > >= == != = := | , ; ( ) [ ] { } and the three dots of
a variadic axis. A comment starts with //.`},
	codeNumber: {"A malformed number", `A number is digits with an optional fraction and exponent: 12, 0.5, 1e-5. A product needs its sign:
2*x, not 2x.`},
	codeNumberRange: {"A number out of range", `A number must be finite as a float64 and must not round to zero.`},
	codeTokens:      {"Too many words and signs", `A spec with the norms that it uses has at most 100,000 words and signs, so that checking one takes bounded time.`},
	codeDepth:       {"Nested too deep", `Parentheses, blocks and operators nest at most 64 deep. Name parts of the expression with let.`},
	codeNorms:       {"Too many norms", `A spec has at most 4,096 norms, used norms and gens. Split the file.`},
	codeExpected: {"Something else was expected here", `The item or expression needs another sign or word at this place; the message says which. The parser
goes on at the next item, so later errors are real ones.`},
	codeTop: {"Only norm, gen and use stand at the top", `A spec is a list of norms, gens and uses:

    use Other from "standard"
    norm Name(knob = 1) { ... }
    gen Name { shape C = 512, any }`},
	codeUnclosed:     {"A block is not closed", `A { has no matching }. The caret shows the innermost block that stays open.`},
	codeCompareChain: {"A comparison of a comparison", `a < b < c is not a range test here. Write a < b and b < c.`},
	codeReserved: {"A reserved word used as a name", `Words that start items (in, let, out, scale, ...) and the words of expressions (if, and, ...) cannot be
names, because they are how the parser finds the next item.`},
	codeSpelling: {"A name is spelled wrong", `A name is a letter and up to 63 letters, digits and underscores, because names go into generated code
and file names.`},
	codePlace: {"An item stands in the wrong block", `Axes, inputs, masks, parameters, states and clauses stand in the body of the norm. A mode holds let,
stat, out, update, require and backward. A backward holds let, stat, grad and update.`},
	codeItem: {"No item starts like this", `Every item starts with a reserved word: axis in mask param state let stat out update grad require mode
backward reduce shift scale running affine. Commas continue an item; line ends do not end it.`},
	codeField: {"No field starts like this", `A gen has the fields shape, dtype, target and layout:

    gen Name { shape C = 512, any; dtype f32; target go, avx2; layout [N, C, S...] }`},
	codeEmpty:  {"The spec has no norm", `A spec declares at least one norm.`},
	codeChain:  {"Too many operators in a row", `An expression has at most 512 operators in a row. Name parts of it with let.`},
	codeString: {"A string is not closed", `Strings name the files and libraries of use items. They are on one line, and have no escapes.`},
	codeUnknown: {"A name is not declared", `Every name is declared above its use: knobs in the parentheses of the norm, the others by in, mask,
param, state, let, stat, or as the gradient of an output in backward (dy).`},
	codeEarly: {"A name is used before its declaration", `Items are read in source order, in each mode the common ones and its own. Move the declaration up.`},
	codeTwice: {"A name is declared twice", `Names are unique in a norm; there is no shadowing. Two modes may each define the same let or stat.`},
	codeLacks: {"A mode lacks a name", `Each mode is checked alone: the items outside of modes and its own. A common item that reads a name
needs it in both modes:

    mode train { let z = u * rsqrt(v + eps) }
    mode eval  { let z = u * rsqrt(phi + eps) }
    out y = gamma*z + beta`},
	codeFunction: {"Not a function", `The functions are sqrt rsqrt exp log tanh erf abs floor mod max min clip detach ema unbiased derived,
with index and size of an axis. Reductions name their axes: mean<N>(x), sum<N>(x), max<N>(x).`},
	codeArgs: {"A wrong number of arguments", `Each function has a fixed number of arguments: mod, max and min two, clip(x, lo, hi) and
ema(old, new, m) three, the others one.`},
	codeNotValue: {"The name has no value", `Functions are called and axes are counted: write sqrt(x), size(C), index(C).`},
	codeBuiltin:  {"The name is built in", `step, all and the functions keep their meaning everywhere. Choose another name.`},
	codeGoName: {"The name is taken in Go", `Norms, knobs, inputs, masks, parameters, states, outputs and axes appear in generated Go, so Go's keywords
and predeclared names are not free, and two names may not differ in the case of the first letter only.`},
	codeKnobDefault: {"A knob is not a number", `Knobs are numbers set where the norm is used: norm LayerNorm(eps = 1e-5).`},
	codeInit: {"A first value or a requirement reads data", `Parameters and states have their first value before any data is seen, and requirements hold before it:
both are made of numbers, knobs and size(axis).`},
	codeType: {"Numbers and conditions do not mix", `Comparisons and masks are conditions; everything else is a number. Turn one into the other with
x > 0, or with if c then 1 else 0.`},
	codeExponent: {"The exponent is data", `A power has an exponent made of numbers, knobs, step and sizes. For others write exp(b*log(a)).`},
	codeReadOut:  {"An output is read", `Outputs are only written. Name the value with let and use it in both places.`},
	codeNoInput:  {"The norm has no input", `A norm declares what it normalizes: in x[R..., C].`},
	codeWhere: {"where compares the state with a number", `The invariant of a state has the form where psi2 >= 0. It is checked when a state is loaded, and tells
the compiler that rsqrt(psi2 + eps) is safe.`},
	codeNotAxis: {"The name of an axis is needed", `size(C) and index(C) take the name of an axis, not an expression.`},
	codeAxisUnknown: {"An axis is not declared", `The brackets of inputs declare axes, and so do axis items. Parameters, masks, states and stats use axes
that are declared above them.`},
	codeAxisTwice: {"An axis is listed twice", `A tensor, reduction or split has each axis once. A split axis C = K*D contains K and D.`},
	codeVariadic: {"A variadic axis in the wrong place", `N... folds any number of axes. An input has at most one, first or last, so that every shape is read in
one way: x[N..., C] or x[N, C, S...].`},
	codeDots: {"Dots where none belong, or none where they do", `Inputs and layouts write a variadic axis with dots, everything else may leave them out. Other axes have
no dots.`},
	codeFree: {"A split with two open factors", `The size of the whole gives one factor, so the others have a size: axis C = K*D with a knob K, or
axis C = 4*D.`},
	codeFactor:    {"A factor that is not a simple axis", `The factors of a split axis are simple: no splits, nothing variadic.`},
	codeSize:      {"A size out of range", `The size of an axis is a whole number from 1 to 2147483647.`},
	codeKnobSize:  {"A knob that is no size", `A knob that is a factor of a split axis is a whole number from 1 to 2147483647, by default too.`},
	codeAxisCount: {"Too many axes", `A norm has at most 32 axes, factors counted.`},
	codeStatAxes: {"A stat on other axes than its reduction leaves", `mean<N>(x) of an x[N, C] varies over C, so the stat is declared b[C]. Declared axes show the reader what
is kept, and in which order.`},
	codeMaskAxes:  {"A mask over axes of no input", `A mask selects elements of the inputs, so it varies over some of their axes, in any order.`},
	codeStateAxis: {"A state over a variadic axis", `A state is made when the layer is made, before the number of rows is known. Reduce over the variadic axis.`},
	codeReduceAxis: {"A reduction over an axis that the operand lacks", `Summing over an axis that the operand does not vary over would only multiply by its size. This is nearly
always a value that was reduced over the axis before.`},
	codeMaskUnknown: {"Not a mask", `Behind the bar stands a mask, a let that holds a condition, or all: mean<N | keep>(x).`},
	codeMaskAside:   {"A mask that does not lie along the reduction", `A mask selects the elements of a reduction, so it varies over one of the reduced axes at least.`},
	codeMaskWider:   {"A mask that varies over more than the operand", `The operand of a masked reduction varies over every axis of the mask.`},
	codeStatForm: {"A stat that is not one reduction", `A stat is named so that parts of a batch can be merged, which works for a reduction and not for an
expression of several. Write a stat for the reduction and a let for the rest.`},
	codeUnbiased: {"unbiased of something without a count", `unbiased(v) is v * n/(n-1) with n the count of the mean v. It takes a stat that is a mean.`},
	codeNoReduce: {"A clause without reduce", `shift, scale and running are about statistics; the clause reduce says over which axes.`},
	codeRunning: {"No such statistic", `running lists mean, var, unbiased var or ms, each once, and the norm must compute it: mean by shift mean,
var or ms by naming it in scale.`},
	codeClauseTwice:  {"A clause is there twice", `A norm has each clause once. For two stages write one of them as equations.`},
	codeClauseInputs: {"Clauses with several inputs", `Clauses normalize the one input of the norm. With several write equations.`},
	codeShift:        {"Not a shift", `The clause is shift mean or shift none. For another centre write equations.`},
	codeMaskSeveral: {"Two masks along one clause", `A clause reduces under the mask that lies along its axes. With two, write equations and say how they
join: let both = keep and valid.`},
	codeUpdateData: {"An update reads element data", `Updates wait until the pass is committed, and several passes may be merged before. So their right sides
read states, step, knobs and stats, directly or through lets. Reduce data first.`},
	codeUpdateAxes: {"An update varies over more than its state", `The new value has the axes of the state, or fewer.`},
	codeUpdateTwice: {"Two updates of a state", `A state is updated once in forward and once in backward. A read of a state is always its value before the
step; chain several steps with lets: let phi1 = ..., update phi := ema(phi1, v, m).`},
	codeUpdatePlace:  {"An update outside of training", `Only training changes state. Put the update in mode train, or in a backward there.`},
	codeUpdateTarget: {"An update of something else than a state", `Only states keep their value: state psi2[C] = 1.`},
	codeGradPlace:    {"A gradient outside of a backward", `Gradients are declared in backward (dy) { grad x = ... }.`},
	codeGradTarget:   {"A gradient of something that has none", `A gradient is declared for an input, a parameter, or a let or stat of the forward.`},
	codeGradAxes:     {"A gradient on other axes than its target", `A gradient has exactly the axes of its target. To drop axes reduce over them; nothing is summed silently.`},
	codeGradTwice:    {"Two gradients of one value", `Each value has one declared gradient. Add the parts.`},
	codeGradUnused: {"A gradient that nothing needs", `The target of a declared gradient must contribute to an output of the mode, otherwise the declaration
would be ignored.`},
	codeGradAround: {"A gradient that does not dominate", `A declared gradient on an intermediate replaces the gradient of everything computed before it. If one of
those inputs or parameters also reaches an output around the intermediate, the two parts would be added:
an approximate one and an exact one. Declare the gradient on the input, or on a value all paths share.`},
	codeCotangents:    {"A wrong number of output gradients", `backward (dy, dh) names one gradient for each output of the mode, in order.`},
	codeDerivedPlace:  {"derived outside of a backward", `derived(x) is the gradient that normgen derives; it exists in a backward only.`},
	codeDerivedArg:    {"derived of something without a gradient", `derived takes the name of an input, a parameter, a let or a stat.`},
	codeBackwardTwice: {"Two backwards", `A mode has at most one backward; what it does not declare is derived.`},
	codeMode: {"Not a mode", `The modes are train and eval. frozen uses no batch statistics and has the backward of eval; it needs no
items.`},
	codeOutMissing: {"A mode lacks an output", `Every mode defines the same outputs.`},
	codeOutTwice:   {"An output is defined twice", `In each mode an output has one definition, common or its own.`},
	codeOutAxes:    {"An output with other axes in another mode", `The shape of an output does not depend on the mode.`},
	codeNoOutput:   {"The norm has no output", `A norm defines what it computes: out y = ...`},
	codeGenNorm:    {"A gen of an unknown norm", `A gen names a norm of the same file, or one that the file uses.`},
	codeGenKnob:    {"An unknown knob", `A gen fixes knobs that its norm declares, and a use gives them another default: gen Name(G = 4) { ... }.`},
	codeGenAxis:    {"A shape of an unknown axis", `A shape names an axis of the norm: shape C = 512, any.`},
	codeGenSized:   {"A shape of an axis without an open size", `Variadic axes have a size at run time only, and axes with a size or knob have theirs already.`},
	codeGenDivide:  {"A size that the factors do not divide", `The size of a split axis is a multiple of the product of its known factors.`},
	codeGenDtype:   {"An unknown dtype", `The dtypes are f32 and f64.`},
	codeGenTarget:  {"An unknown target", "The targets are " + strings.Join(Targets, ", ") + "."},
	codeGenLayout: {"Not an order of the input's axes", `A layout lists the axes of the first input, each once, a variadic one with dots: [N, S..., C].
Several layouts make several layers, named by their axes: gen Norm { layout [N, C, S...], [N, S..., C] }
makes NormNCS and NormNSC.`},
	codeGenTwice: {"Two layers of one name", `Generated names are unique, whatever their case, because they become file names. Rename with as.`},
	codeGenList:  {"An entry or field is there twice", `Fields and their entries stand once.`},
	codeGenFast: {"Not an arithmetic, or one that nothing uses", `The arithmetic of a layer is exact or fast, and exact if none is given. In exact arithmetic every product
is rounded, and all targets have the same bits. In fast arithmetic the assembly may fuse a product with
the addition behind it, which saves an instruction and a rounding: its bits are others, the same for
every target but go. So it needs one of these targets and the dtype f32, the only one of assembly.`},
	codeUseSource: {"Nothing of that name to use", `A use takes norms from a library of normgen, or from a file. A file has the suffix .dsl and is looked for
in the directory of the file that uses it:

    use Name from "standard"
    use Name(eps = 1e-6) as Name6, Other from "norms/mine.dsl"

normgen list shows the libraries.`},
	codeUseNorm:  {"The source has no such norm", `A use names norms that its source declares or uses itself.`},
	codeUseCycle: {"A file uses itself", `Files that use each other have no order in which they could be read. Move what both need to a third one.`},
	codeUseDepth: {"Files use files too deep", `A file may use one that uses another, at most 8 deep.`},
	codeUseFiles: {"Too many files", `A spec uses at most 64 files, those that they use counted.`},
	codeUsePath: {"Not a file below the directory", `The name of a file has elements of letters, digits, "_", "-" and ".", with "/" between them. No element
starts with a dot, so no name leads upwards; none starts at the root, and links that lead out of the
directory are not followed. The name of a library is one element.`},
	codeUnusedMask: {"A mask that no reduction uses", `The mask is an argument of the layer but changes nothing. Write mean<N | keep>(x).`},
	codeUnmasked: {"A reduction that passes over a mask", `In a norm with a mask, a reduction along the mask's axes takes every element, padding too, unless it says
| keep. Say | all if that is meant.`},
	codeUnusedLet:   {"A let that nothing reads", `Delete it, or use it.`},
	codeUnusedKnob:  {"A knob that nothing reads", `Delete it, or use it.`},
	codeUnusedParam: {"A parameter that nothing reads", `Its gradient would always be zero.`},
	codeUnusedState: {"A state that nothing reads", `It is kept and saved without an effect on any output.`},
	codeUnusedInput: {"An input that nothing reads", `Its gradient would always be zero.`},
	CodeRsqrtZero: {"rsqrt of something that may be zero", `1/sqrt(0) is infinite. The compiler bounds every value: inputs and parameters are any finite numbers,
squares, abs, exp, means and sums of those are not negative, states keep what their where says, knobs have
their defaults. A positive number added to what is not negative is safe if the storage type holds it:
1e-50 is 0 in float32.`},
	CodeDivZero: {"A division by something that may be zero", `x/0 is infinite and 0/0 is NaN, which spreads through every gradient. Keep the divisor away from zero:
sqrt(v) + eps, max(abs(d), eps), a state with where sigma > 0. A choice such as if d != 0 then x/d else 0
keeps the output finite and its gradient is still NaN, because the derivative of the other branch is
0 * inf.`},
	CodeLogZero: {"log of something that may be zero", `log(0) is -inf, and the log of a negative number is NaN. Add a positive constant to what is not negative:
log(abs(x) + 1e-12).`},
	CodeRoot: {"A root of something that may be negative", `The square root and fractional powers of a negative number are NaN. A difference of two squares or means
may be negative by rounding alone; write the square of a difference.`},
	CodeConstant: {"A number that the storage type does not hold", `float32 has numbers from 1.4e-45 to 3.4e38, and below 1.2e-38 it has fewer digits the smaller they are.
A constant beyond is infinite, zero, or nearly zero there. A gen item with dtype f64 alone is held to the
range of float64.`},
	CodeVanish: {"A constant that is lost in a sum", `float32 has 24 bits: 1 + 1e-9 is 1. The constant changes nothing, whatever the data. Add it to something
that may be as small as it is: inside the root, before the max.`},
	CodeOnePass: {"A variance as a difference of means", `mean(x^2) - mean(x)^2 subtracts two numbers that agree in most of their digits when the mean is far from
zero; the result may be wrong in every digit, or negative. Subtract the mean first:

    stat mean[R] = mean<C>(x)
    let  xc      = x - mean
    stat var[R]  = mean<C>(xc^2)

The compiler fuses the passes; nothing is gained by the short form.`},
	CodeCancel: {"A difference that loses its digits", `The difference of two nearly equal numbers keeps their rounding errors and few of their digits. Rewrite it
so that the difference is taken before anything is rounded:

    x*r - mean*r        (x - mean)*r
    sqrt(a) - sqrt(b)   (a - b)/(sqrt(a) + sqrt(b))
    exp(x) - 1          tanh(x/2)*(exp(x) + 1)
    1 - tanh(x)         2/(1 + exp(2*x))`},
	CodeOverflow: {"exp overflows and the result is NaN", `exp(x) is infinite in float32 for x > 88.7. An infinity may be harmless, as in 1/(1 + exp(-x)); here it
meets another one or a zero, and the result is NaN. The finding names an input for which it is. Keep the
argument of exp at or below zero: exp(x - max<C>(x)), exp(-abs(x)).`},
	CodeInvariant: {"An update that may break the invariant of its state", `A state declared where s >= 0 is trusted to be so: the next step divides by its root. This update may give
a value outside, as far as the compiler can bound it. Write it as a mean of values that keep the invariant,
ema(s, v, m), or bound it with max.`},
	CodeSquare: {"A power overflows though its root would not (note)", `The square of 1.9e19 is infinite in float32. A norm that takes the root of a sum of squares gives 0 or NaN
for inputs beyond that, and for inputs below 1e-23 the sum is 0. Real activations stay far from both; if
yours do not, divide by max<C>(abs(x)) first. Shown by normgen vet -numeric.`},
	CodeDiverge: {"A recursion of a state that may grow (note)", `The update multiplies the state by a factor. Where the factor is greater than one in magnitude for many
steps the state grows without bound, whatever is added. The finding gives the condition for each step.
Shown by normgen vet -numeric.`},
}
