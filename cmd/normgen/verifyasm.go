package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/normgen/normgen/gen"
)

// Statements of an assembly file. A symbol of our own package has no package
// path: TEXT ·name(SB), or name<>(SB) for one that is private to the file.
var (
	asmSymbol  = regexp.MustCompile(`^(TEXT|GLOBL|DATA) (·?)([A-Za-z_][A-Za-z0-9_]*)(<>)?(\+[0-9]+)?\(SB\)[,/]`)
	asmInclude = regexp.MustCompile(`^#include "textflag\.h"$`)
	asmLabel   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*:$`)
	asmBuild   = regexp.MustCompile(`^//go:build `)
)

// asmDecls returns the symbols that an assembly file defines: kind text for a
// function, data for a table. Any other directive of the assembler is refused.
func asmDecls(_ string, f gen.File) ([]gen.Decl, error) {
	var decls []gen.Decl
	for i, line := range strings.Split(string(f.Data), "\n") {
		d, err := asmLine(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		decls = append(decls, d...)
	}
	return decls, nil
}

// asmLine reads one line. An indented line is an instruction; the assembler
// would also take a directive there, and several statements in a line, so
// both are refused.
func asmLine(line string) ([]gen.Decl, error) {
	if asmBuild.MatchString(line) && !plannedConstraint(line) {
		return nil, fmt.Errorf("holds the constraint %s", line)
	}
	code, _, _ := strings.Cut(line, "//")
	code = strings.TrimRight(code, " \t\r")
	if strings.ContainsAny(code, ";\\") || strings.Contains(code, "/*") {
		return nil, fmt.Errorf("is not one statement: %s", line)
	}
	if code == "" || asmInclude.MatchString(code) || asmLabel.MatchString(code) {
		return nil, nil
	}
	if m := asmSymbol.FindStringSubmatch(code); m != nil {
		return asmDecl(m[1], m[3]), nil
	}
	return nil, asmInstruction(code)
}

// asmDecl leaves out DATA: it fills a symbol that GLOBL declares.
func asmDecl(directive, name string) []gen.Decl {
	switch directive {
	case "TEXT":
		return []gen.Decl{{Kind: "text", Name: name}}
	case "GLOBL":
		return []gen.Decl{{Kind: "data", Name: name}}
	}
	return nil
}

func asmInstruction(code string) error {
	op := strings.TrimLeft(code, " \t")
	if op == code {
		return fmt.Errorf("is no statement of ours: %s", code)
	}
	for _, d := range []string{"TEXT", "GLOBL", "DATA", "PCDATA", "FUNCDATA", "CALL", "SYSCALL", "#"} {
		if rest, ok := strings.CutPrefix(op, d); ok && (d == "#" || rest == "" || rest[0] == ' ' || rest[0] == '\t') {
			return fmt.Errorf("is no instruction of a kernel: %s", op)
		}
	}
	return nil
}
