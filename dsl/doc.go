// Package dsl is the language of normgen: scanner, parser, checker, formatter
// and diagnostics. It imports nothing else of this module.
//
// A spec has two levels with one meaning. Equations (let, stat, out, update,
// grad) are the language; clauses (reduce, shift, scale, running, affine) are
// the everyday form and expand to equations. The grammar is in grammar.txt.
//
//	file, errs := dsl.Parse("powernorm.dsl", src)  // *File: lossless, with comments
//	file, errs := dsl.Link(file, sources)          // norms of other files put in
//	prog, errs := dsl.Check(file)                  // *Program: names and axes resolved
//	text       := dsl.Format(file)                 // canonical layout
//	text       := dsl.FormatCore(prog.Norms[0])    // equations only
//
// Axes are names. A value is typed by the set of axes it varies over, operands
// of different sets combine to their union, and only a reduction removes an
// axis. The checker writes that set on every expression, so that a later stage
// never has to guess what is broadcast.
//
// Parse, Link and Check never panic and work in time linear in the text, whatever
// its bytes: files, tokens, nesting and the number of norms are bounded.
package dsl
