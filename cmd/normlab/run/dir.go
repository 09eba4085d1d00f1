package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/normgen/normgen/cmd/normlab/figure"
	"github.com/normgen/normgen/runtime/lock"
	"github.com/normgen/normgen/runtime/transformer/checkpoint"
	"github.com/normgen/normgen/runtime/transformer/text"
)

// Files of a run's directory.
const (
	settingsFile = "settings.json"
	resultFile   = "result.json"
	LogFile      = "log.csv"
	EvalFile     = "evaluations.csv"
	stateFile    = "checkpoint.safetensors"
	vocabFile    = "vocabulary.txt"
	ProbeFile    = "probe.csv"
	specFile     = "norms.dsl" // those of the user's own
	lockFile     = ".lock"
)

// A Dir is the directory of a run.
type Dir string

// File returns the path of a file in it.
func (d Dir) File(name string) string { return filepath.Join(string(d), name) }

// Create makes a new run of the directory. It is an error if it has a run already.
func (d Dir) Create(r *Run) error {
	if d.Exists() {
		return fmt.Errorf("%s has a run already: -resume goes on with it, another -out keeps it", d)
	}
	err := checkpoint.Replace(d.File(vocabFile), func(w io.Writer) error {
		_, err := r.Task.vocab().WriteTo(w)
		return err
	})
	if err == nil && r.Settings.Spec != "" {
		err = copyFile(d.File(specFile), r.Settings.Spec)
	}
	if err != nil {
		return err
	}
	return WriteJSON(d.File(settingsFile), &r.Settings) // last: it says that there is a run
}

// Exists reports whether there is a run.
func (d Dir) Exists() bool {
	_, err := os.Stat(d.File(settingsFile))
	return err == nil
}

// Lock makes this process the only one that writes to the directory, until the
// returned file is closed or the process ends. What checkpoints lock for each file is
// the directory itself.
func (d Dir) Lock() (*os.File, error) {
	f, err := lock.File(d.File(lockFile))
	if err != nil {
		err = fmt.Errorf("%s: another process is at work there: %w", d, err)
	}
	return f, err
}

// Table reads one of its tables.
func (d Dir) Table(name string) (Rows, error) { return ReadTable(d.File(name)) }

// RemoveCheckpoint removes the checkpoint of a run that is over, if there is one.
func (d Dir) RemoveCheckpoint() error {
	if err := os.Remove(d.File(stateFile)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func copyFile(to, from string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return replace(to, text)
}

// sameVocab holds that the corpus is the one that the run was trained on, as far as
// its words are numbered alike.
func (d Dir) sameVocab(t *Task) error {
	v, err := text.ReadVocab(os.DirFS(string(d)), vocabFile)
	if err == nil && !v.Equal(t.vocab()) {
		err = errors.New("the corpus is not the one that the run was trained on: its vocabulary is another")
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", d, err)
	}
	return err
}

// Settings reads those of the run.
func (d Dir) Settings() (Settings, error) {
	f, err := os.Open(d.File(settingsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return Settings{}, fmt.Errorf("%s has no run: there is no %s", d, settingsFile)
	}
	if err != nil {
		return Settings{}, err
	}
	defer f.Close()
	s, err := Read(f)
	if err != nil {
		err = fmt.Errorf("%s: %w", d.File(settingsFile), err)
	}
	return s, err
}

// Spec returns the file with the norms of the user's own that a run with these
// settings was made with: its copy in the directory; "" if the library has them all.
func (d Dir) Spec(s *Settings) string {
	if s.Spec == "" {
		return ""
	}
	return d.File(specFile)
}

// Result reads what the run came to; an error that is fs.ErrNotExist if it is not over.
func (d Dir) Result() (*Result, error) {
	text, err := os.ReadFile(d.File(resultFile))
	if err != nil {
		return nil, err
	}
	r := &Result{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("%s: %w", d.File(resultFile), err)
	}
	return r, nil
}

// Finish writes what the run came to, if it is over.
func (d Dir) Finish(r *Result) error {
	if r.Status == Stopped {
		return nil
	}
	return WriteJSON(d.File(resultFile), r)
}

// WriteJSON replaces the file as a whole.
func WriteJSON(name string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return replace(name, append(text, '\n'))
}

func replace(name string, text []byte) error {
	return checkpoint.Replace(name, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// SaveFigure writes a figure to stem.png and stem.svg; nothing if it has no point.
func SaveFigure(stem string, f *figure.Figure) error {
	for _, format := range figure.Formats {
		err := checkpoint.Replace(stem+"."+format, func(w io.Writer) error { return f.Draw(w, format) })
		if err != nil {
			if errors.Is(err, figure.ErrEmpty) {
				err = nil
			}
			return err
		}
	}
	return nil
}
