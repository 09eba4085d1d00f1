package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Settings say all that a run depends on, besides the machine. They are kept beside
// its results as JSON, and are what sweeps vary.
type Settings struct {
	Task   string `json:"task"`
	Size   string `json:"size"` // name of the preset that the numbers below began with
	Source string `json:"source,omitempty"`
	Target string `json:"target,omitempty"`

	Norms string `json:"norms"`          // as package choice reads them
	Spec  string `json:"spec,omitempty"` // file with norms of the user's own

	Seed    uint64  `json:"seed"`
	Steps   int     `json:"steps"`   // 0: as many as the minutes allow
	Minutes float64 `json:"minutes"` // of training; 0: as many as the steps take

	Layers   int     `json:"layers"` // of each side
	Width    int     `json:"width"`
	Hidden   int     `json:"hidden"`
	Heads    int     `json:"heads"`
	PostNorm bool    `json:"postnorm"`
	Dropout  float64 `json:"dropout"`

	Length     int     `json:"length"`     // of a language model's windows, or the longest sentence trained on
	Batch      int     `json:"batch"`      // tokens of a pass, padding included
	Accumulate int     `json:"accumulate"` // passes of a step
	Rate       float64 `json:"rate"`
	Warmup     int     `json:"warmup"`
	Schedule   string  `json:"schedule"`
	Smoothing  float64 `json:"smoothing"`
	Decay      float64 `json:"decay"`
	Clip       float64 `json:"clip"`

	Log      int `json:"log"`      // steps from one logged step to the next
	Evaluate int `json:"evaluate"` // steps from one evaluation to the next
	Beam     int `json:"beam"`     // of the translation at the end

	BLAS    string `json:"blas"`
	Threads int    `json:"threads"`

	Probe string `json:"probe,omitempty"` // positions to probe: "first", "all", or part of a name
}

// Translates reports whether the task is translation.
func (s *Settings) Translates() bool { return isParallel(s.Task) }

// Limit says what ends a run.
func (s *Settings) Limit() string {
	switch {
	case s.Minutes == 0:
		return fmt.Sprintf("%d steps", s.Steps)
	case s.Steps == 0:
		return fmt.Sprintf("%g minutes", s.Minutes)
	}
	return fmt.Sprintf("%d steps and %g minutes", s.Steps, s.Minutes)
}

// Check reports what package transformer does not: the rest is found when the model
// is made.
func (s *Settings) Check() error {
	switch {
	case s.Steps < 0 || !(s.Minutes >= 0):
		return fmt.Errorf("-steps %d and -minutes %v: neither is below 0", s.Steps, s.Minutes)
	case s.Steps == 0 && s.Minutes == 0:
		return errors.New("-steps and -minutes are both 0: one of them ends the run")
	case !slices.Contains(schedules, s.Schedule):
		return fmt.Errorf("no schedule %q: -schedule takes %s", s.Schedule, strings.Join(schedules, ", "))
	case !(s.Rate > 0 && s.Rate < math.Inf(1)): // package transformer knows it without a schedule alone
		return fmt.Errorf("-rate %v: it is above 0", s.Rate)
	case s.Schedule == cosine && s.Steps == 0:
		return errors.New("-schedule cosine ends at a step: it needs -steps")
	case s.Length < 1 || s.Batch < s.Length:
		return fmt.Errorf("-batch %d and -length %d: a batch holds at least one sequence of the length", s.Batch, s.Length)
	case s.Accumulate < 1:
		return fmt.Errorf("-accumulate %d: a step has at least one pass", s.Accumulate)
	case s.Log < 1 || s.Evaluate < 1:
		return fmt.Errorf("-log %d and -evaluate %d: both count steps from 1 on", s.Log, s.Evaluate)
	case s.Threads < 1 || s.Threads > maxThreads:
		return fmt.Errorf("-threads %d: from 1 to %d", s.Threads, maxThreads)
	case s.Beam < 1:
		return fmt.Errorf("-beam %d: 1 is greedy", s.Beam)
	}
	return nil
}

// maxThreads is far more than a machine has, and bounds what a mistake starts.
const maxThreads = 256

// Schedules of the learning rate.
const (
	inverseRoot = "inverse-sqrt"
	cosine      = "cosine"
	constant    = "constant"
)

var schedules = []string{inverseRoot, cosine, constant}

// Read reads settings over the preset of their task and size. A field that there is
// not is an error.
func Read(r io.Reader) (Settings, error) {
	text, err := io.ReadAll(io.LimitReader(r, 1<<20))
	if err != nil {
		return Settings{}, err
	}
	return Decode(text)
}

// Decode is [Read] of a text.
func Decode(text []byte) (Settings, error) {
	var which struct{ Task, Size string }
	if err := json.Unmarshal(text, &which); err != nil {
		return Settings{}, err
	}
	s, err := Preset(which.Task, which.Size)
	if err != nil {
		return s, err
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	return s, d.Decode(&s)
}
