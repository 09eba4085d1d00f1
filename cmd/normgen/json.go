package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/normgen/normgen/dsl"
)

// jsonReport is the report for programs.
type jsonReport struct {
	Status      exit             `json:"status"`
	Error       string           `json:"error,omitempty"`
	Diagnostics []jsonDiagnostic `json:"diagnostics"`
	Directory   string           `json:"directory,omitempty"`
	Files       []jsonFile       `json:"files,omitempty"`
	Norms       []summary        `json:"norms,omitempty"`
}

type jsonFile struct {
	Name  string `json:"name"`
	State string `json:"state"` // before the run
}

type jsonDiagnostic struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	EndLine  int    `json:"endLine"`
	EndCol   int    `json:"endColumn"`
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Message  string `json:"message"`
	Help     string `json:"help,omitempty"`
}

func (r *report) fail(err error) {
	if err != nil && !errors.Is(err, errSpec) {
		r.failure = err.Error()
	}
}

func (t *tool) printJSON(r *report, status exit) exit {
	out := jsonReport{Status: status, Error: r.failure, Diagnostics: jsonDiagnostics(r.diagnostics), Directory: r.dir}
	for _, c := range r.Files {
		out.Files = append(out.Files, jsonFile{c.Name, c.State.String()})
	}
	out.Norms = summarize(r.units)
	return t.encode(out, status)
}

// encode prints v and returns status, unless printing fails.
func (t *tool) encode(v any, status exit) exit {
	e := json.NewEncoder(t.stdout)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return t.fail(err)
	}
	return status
}

func jsonDiagnostics(list dsl.ErrorList) []jsonDiagnostic {
	out := []jsonDiagnostic{}
	for _, d := range list {
		out = append(out, jsonDiagnostic{
			File: d.File, Line: d.Pos.Line, Column: d.Pos.Col, EndLine: d.End.Line, EndCol: d.End.Col,
			Severity: d.Severity.String(), Code: fmt.Sprint(d.Code), Message: d.Msg, Help: d.Help,
		})
	}
	return out
}
