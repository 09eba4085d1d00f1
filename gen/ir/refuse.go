package ir

import "fmt"

// A Refusal says that a layer, though it means something, cannot be compiled:
// where in the spec, and why.
type Refusal struct {
	File string
	Line int // 0 if no line is to blame
	Norm string
	Msg  string
}

func (r *Refusal) Error() string {
	at := r.File
	if r.Line > 0 {
		at = fmt.Sprintf("%s:%d", r.File, r.Line)
	}
	return fmt.Sprintf("%s: error: %s: %s", at, r.Norm, r.Msg)
}

// Refuse makes a refusal of l because of what the spec says in line.
func (l *Layer) Refuse(line int, format string, args ...any) error {
	return &Refusal{l.File, line, l.Name, fmt.Sprintf(format, args...)}
}
