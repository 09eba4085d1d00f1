package main

import (
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/normgen/normgen/gen"
)

// allowedImports is all that generated code may import.
var allowedImports = []string{"errors", "fmt", "math", "github.com/normgen/normgen/runtime"}

// fuzzImports is all that their fuzz targets may import.
var fuzzImports = []string{"testing", "github.com/normgen/normgen/gen/normtest"}

// allowedConstraints are the build constraints that the back ends write.
var allowedConstraints = []string{"amd64 && !purego", "!amd64 || purego"}

// goDecls returns what a Go file declares at top level.
func goDecls(pkg string, f gen.File) ([]gen.Decl, error) {
	file, err := parser.ParseFile(token.NewFileSet(), f.Name, f.Data, parser.ParseComments|parser.DeclarationErrors)
	if err != nil {
		return nil, err
	}
	if file.Name.Name != pkg {
		return nil, fmt.Errorf("package %s, want %s", file.Name.Name, pkg)
	}
	allowed := allowedImports
	if isFuzz(f.Name) {
		allowed = fuzzImports
	}
	if err := verifyImports(file, allowed); err != nil {
		return nil, err
	}
	if err := verifyComments(file); err != nil {
		return nil, err
	}
	var decls []gen.Decl
	for _, d := range file.Decls {
		decls = append(decls, declared(d)...)
	}
	if slices.Contains(decls, gen.Decl{Kind: "func", Name: "init"}) {
		return nil, fmt.Errorf("declares func init")
	}
	return decls, nil
}

func verifyImports(file *ast.File, allowed []string) error {
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil || !slices.Contains(allowed, path) {
			return fmt.Errorf("imports %s", spec.Path.Value)
		}
		if spec.Name != nil && (spec.Name.Name == "." || spec.Name.Name == "_") {
			return fmt.Errorf("imports %s as %s", path, spec.Name.Name)
		}
	}
	return nil
}

// directive matches comments that a tool obeys.
var directive = regexp.MustCompile(`^(//[a-z0-9]+:[a-z0-9]|//(line|export|extern) |/\*line |//[ \t]*\+build)`)

// verifyComments refuses directives other than a planned constraint before the
// package clause and go:noescape on a function without a body.
func verifyComments(file *ast.File) error {
	stubs := stubComments(file)
	for _, group := range file.Comments {
		for _, c := range group.List {
			if !directive.MatchString(c.Text) || stubs[c] && c.Text == "//go:noescape" {
				continue
			}
			if c.Pos() > file.Package || !plannedConstraint(c.Text) {
				return fmt.Errorf("holds the directive %s", c.Text)
			}
		}
	}
	return nil
}

func plannedConstraint(text string) bool {
	expr, err := constraint.Parse(text)
	return err == nil && strings.HasPrefix(text, "//go:build ") && slices.Contains(allowedConstraints, expr.String())
}

// stubComments returns the comments on functions that assembly implements.
func stubComments(file *ast.File) map[*ast.Comment]bool {
	stubs := map[*ast.Comment]bool{}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Body == nil && f.Doc != nil {
			for _, c := range f.Doc.List {
				stubs[c] = true
			}
		}
	}
	return stubs
}

// declared returns what one declaration declares; imports are looked at apart.
func declared(d ast.Decl) []gen.Decl {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return []gen.Decl{declaredFunc(d)}
	case *ast.GenDecl:
		var decls []gen.Decl
		for _, s := range d.Specs {
			decls = append(decls, declaredSpec(d.Tok, s)...)
		}
		return decls
	}
	return []gen.Decl{{Kind: "bad"}}
}

func declaredFunc(f *ast.FuncDecl) gen.Decl {
	if f.Recv == nil {
		return gen.Decl{Kind: "func", Name: f.Name.Name}
	}
	var receiver string
	for _, field := range f.Recv.List {
		receiver = typeName(field.Type)
	}
	return gen.Decl{Kind: "method", Name: receiver + "." + f.Name.Name}
}

// typeName returns T of T, *T and T[P].
func typeName(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.StarExpr:
		return typeName(x.X)
	case *ast.IndexExpr:
		return typeName(x.X)
	case *ast.IndexListExpr:
		return typeName(x.X)
	}
	return "?"
}

func declaredSpec(tok token.Token, s ast.Spec) []gen.Decl {
	switch s := s.(type) {
	case *ast.TypeSpec:
		return []gen.Decl{{Kind: "type", Name: s.Name.Name}}
	case *ast.ValueSpec:
		var decls []gen.Decl
		for _, name := range s.Names {
			decls = append(decls, gen.Decl{Kind: tok.String(), Name: name.Name})
		}
		return decls
	}
	return nil
}
