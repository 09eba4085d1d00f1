// Package sweep lays out many runs: norms times seeds times batch sizes, with all else
// equal, each in a directory of its own.
package sweep

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/normgen/normgen/cmd/normlab/run"
)

// A Sweep is what its file says.
type Sweep struct {
	Title    string          `json:"title"`
	About    string          `json:"about,omitempty"`  // what the report says before its tables
	Settings json.RawMessage `json:"settings"`         // of all runs, over the preset of their task
	Norms    []string        `json:"norms"`            // as -norm and -norms take them
	Labels   []string        `json:"labels,omitempty"` // what the report calls them; none: as they stand
	Seeds    []uint64        `json:"seeds"`
	Batches  []int           `json:"batches,omitempty"` // tokens of a pass; none: that of the settings
	// EqualTokens gives smaller batches more steps, so that all runs read as many tokens:
	// the steps of the settings, of the warm-up and between evaluations are those of its
	// batch.
	EqualTokens bool     `json:"equal_tokens,omitempty"`
	Claims      []Claim  `json:"claims,omitempty"`
	Figures     []Figure `json:"figures,omitempty"`

	base run.Settings
}

// A Claim is what somebody has published, for the report to compare: that one norm
// does better than another.
type Claim struct {
	Better string `json:"better"` // as in Norms
	Worse  string `json:"worse"`
	Batch  int    `json:"batch,omitempty"` // at which; 0: the largest
	Source string `json:"source"`          // who says so, with the numbers
}

// A Figure compares what probes measured.
type Figure struct {
	File   string  `json:"file"`
	Title  string  `json:"title"`
	Curves []Curve `json:"curves"`
}

// A Curve is a quantity of a norm; see package probe for the quantities.
type Curve struct {
	Norm     string `json:"norm"` // as in Norms
	Quantity string `json:"quantity"`
}

// FileName is what a sweep's directory calls a copy of its file.
const FileName = "sweep.json"

// Read reads a file.
func Read(name string) (*Sweep, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	s := &Sweep{}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(s); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

func (s *Sweep) check() (err error) {
	if len(s.Settings) == 0 {
		s.Settings = json.RawMessage("{}")
	}
	if s.base, err = run.Decode(s.Settings); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	if len(s.Batches) == 0 {
		s.Batches = []int{s.base.Batch}
	}
	switch {
	case len(s.Norms) == 0 || len(s.Seeds) == 0:
		return errors.New("a sweep has norms and seeds")
	case len(s.Labels) > 0 && len(s.Labels) != len(s.Norms):
		return fmt.Errorf("%d labels for %d norms", len(s.Labels), len(s.Norms))
	case repeats(s.Norms) || repeats(s.Seeds) || repeats(s.Batches):
		return errors.New("a norm, seed or batch is there twice")
	}
	return errors.Join(s.checkClaims(), s.checkFigures())
}

func (s *Sweep) checkClaims() error {
	for _, c := range s.Claims {
		for _, n := range []string{c.Better, c.Worse} {
			if !slices.Contains(s.Norms, n) {
				return fmt.Errorf("a claim is about %s, which is none of the norms", n)
			}
		}
		if c.Batch != 0 && !slices.Contains(s.Batches, c.Batch) {
			return fmt.Errorf("a claim is about batches of %d, which is none of them", c.Batch)
		}
	}
	return nil
}

func (s *Sweep) checkFigures() error {
	for _, f := range s.Figures {
		for _, c := range f.Curves {
			if !slices.Contains(s.Norms, c.Norm) {
				return fmt.Errorf("figure %s has a curve of %s, which is none of the norms", f.File, c.Norm)
			}
		}
		if !plain.MatchString(f.File) {
			return fmt.Errorf("%q is no name for a figure: letters, digits, - and _", f.File)
		}
	}
	return nil
}

var plain = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_-]*$`)

func repeats[T comparable](list []T) bool {
	seen := map[T]bool{}
	for _, v := range list {
		seen[v] = true
	}
	return len(seen) < len(list)
}

// Base returns the settings that all runs share.
func (s *Sweep) Base() run.Settings { return s.base }

// Change changes the settings that all runs share. It is an error if a run cannot be
// with them.
func (s *Sweep) Change(f func(*run.Settings)) error {
	f(&s.base)
	for _, c := range s.Cells() {
		if err := c.Settings.Check(); err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	return nil
}

// A Cell is one run of a sweep.
type Cell struct {
	Name     string // of its directory
	Settings run.Settings
}

// Cells lists the runs: seed by seed, so that norms can be compared when a part is done.
func (s *Sweep) Cells() []Cell {
	var out []Cell
	for _, seed := range s.Seeds {
		for _, batch := range s.Batches {
			for _, norm := range s.Norms {
				c := Cell{Settings: s.base}
				c.Settings.Seed, c.Settings.Norms = seed, norm
				s.resize(&c.Settings, batch)
				c.Name = fmt.Sprintf("%s-batch%d-seed%d", FileOf(norm), batch, seed)
				out = append(out, c)
			}
		}
	}
	return out
}

// Label is what the report calls a norm.
func (s *Sweep) Label(norm string) string {
	if i := slices.Index(s.Norms, norm); i >= 0 && len(s.Labels) > 0 {
		return s.Labels[i]
	}
	return norm
}

// resize changes the batch.
func (s *Sweep) resize(r *run.Settings, batch int) {
	if s.EqualTokens {
		for _, n := range []*int{&r.Steps, &r.Warmup, &r.Log, &r.Evaluate} {
			*n = (*n*r.Batch + batch/2) / batch
		}
		r.Log, r.Evaluate = max(1, r.Log), max(1, r.Evaluate)
	}
	r.Batch = batch
}

// FileOf is a list of norms as part of a file's name: without what means something to
// shells.
func FileOf(norms string) string {
	return strings.NewReplacer(":", "-", "=", "", ",", "+", "/", "-", " ", "").Replace(norms)
}

// Save writes the sweep into its directory.
func (s *Sweep) Save(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return run.WriteJSON(filepath.Join(dir, FileName), s)
}
