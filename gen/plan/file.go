package plan

// A File is one generated file and the declarations it was meant to have: what
// a back end returns.
type File struct {
	Name  string
	Data  []byte
	Decls []Decl
}

// A Decl is a planned top-level declaration: its kind (const, var, type, func,
// method) and its name (T.M for a method).
type Decl struct{ Kind, Name string }
