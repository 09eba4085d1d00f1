package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Files of a run's directory.
const (
	settingsFile = "settings.json"
	resultFile   = "result.json"
	logFile      = "log.csv"
	evalFile     = "evaluations.csv"
)

// A Dir is the directory of a run.
type Dir string

// File returns the path of a file in it.
func (d Dir) File(name string) string { return filepath.Join(string(d), name) }

// Create makes the directory for a new run. It is an error if it has a run already.
func (d Dir) Create(s *Settings) error {
	if err := os.MkdirAll(string(d), 0o755); err != nil {
		return err
	}
	switch _, err := os.Stat(d.File(settingsFile)); {
	case err == nil:
		return fmt.Errorf("%s has a run already: -resume goes on with it, another -out keeps it", d)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return writeJSON(d.File(settingsFile), s)
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
	return writeJSON(d.File(resultFile), r)
}

// writeJSON writes the whole file or leaves the old one.
func writeJSON(name string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return writeWhole(name, append(text, '\n'))
}

func writeWhole(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
