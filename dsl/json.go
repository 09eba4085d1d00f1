package dsl

import "encoding/json"

type jsonSpan struct {
	Line    int `json:"line"`
	Col     int `json:"col"`
	EndLine int `json:"endLine"`
	EndCol  int `json:"endCol"`
}

type jsonNote struct {
	File string `json:"file"`
	jsonSpan
	Message string `json:"message"`
}

type jsonDiagnostic struct {
	File string `json:"file"`
	jsonSpan
	Severity string     `json:"severity"`
	Code     Code       `json:"code"`
	Message  string     `json:"message"`
	Notes    []jsonNote `json:"notes,omitempty"`
	Help     string     `json:"help,omitempty"`
}

func (s Span) json() jsonSpan { return jsonSpan{s.Pos.Line, s.Pos.Col, s.End.Line, s.End.Col} }

// MarshalJSON is the form of -json: one flat object for each finding.
func (d *Diagnostic) MarshalJSON() ([]byte, error) {
	j := jsonDiagnostic{d.File, d.Span.json(), d.Severity.String(), d.Code, d.Msg, nil, d.Help}
	for _, n := range d.Notes {
		j.Notes = append(j.Notes, jsonNote{n.Pos.File(), n.Span.json(), n.Msg})
	}
	return json.Marshal(j)
}
