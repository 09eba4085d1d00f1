package dsl

import (
	"go/token"
	"go/types"
	"maps"
	"slices"
)

// size and index are called like functions but take an axis.
const (
	sizeWord Function = 0xfe - iota
	indexWord
)

// functions maps the name of each built-in function to its row.
var functions = map[string]struct {
	fn   Function
	args int
}{
	"sqrt": {Sqrt, 1}, "rsqrt": {Rsqrt, 1}, "exp": {Exp, 1}, "log": {Log, 1},
	"tanh": {Tanh, 1}, "erf": {Erf, 1}, "abs": {Abs, 1}, "floor": {Floor, 1},
	"mod": {Mod, 2}, "max": {Max, 2}, "min": {Min, 2}, "clip": {Clip, 3},
	"detach": {Detach, 1}, "ema": {Ema, 3}, "unbiased": {Unbiased, 1}, "derived": {Derived, 1},
	"size": {sizeWord, 1}, "index": {indexWord, 1},
}

var functionNames = slices.Sorted(maps.Keys(functions))

func (f Function) String() string {
	for _, name := range functionNames {
		if functions[name].fn == f {
			return name
		}
	}
	return "?"
}

var unaryText = [...]string{Neg: "-", Not: "not "}

func (o UnaryOp) String() string { return unaryText[o] }

var binaryText = [...]string{
	Add: "+", Sub: "-", Mul: "*", Div: "/", Pow: "^", Lt: "<", Le: "<=", Gt: ">",
	Ge: ">=", Eq: "==", Ne: "!=", And: "and", Or: "or",
}

func (o BinaryOp) String() string { return binaryText[o] }

func (o BinaryOp) compares() bool { return o >= Lt && o <= Ne }
func (o BinaryOp) joins() bool    { return o == And || o == Or }

// builtin reports names that mean something of their own in expressions. A
// stat may still be called mean or sum, because those mean a reduction only
// in front of "<".
func builtin(name string) bool {
	_, fn := functions[name]
	return fn || name == "step" || name == "all"
}

// goTaken reports names that generated Go code cannot declare.
func goTaken(name string) bool {
	return token.IsKeyword(name) || types.Universe.Lookup(name) != nil || name == "init" || name == "main"
}

const maxName = 64

// spelled reports whether name matches [A-Za-z][A-Za-z0-9_]{0,63}; the scanner
// has seen to the rest.
func spelled(name string) bool { return name != "" && name[0] != '_' }
