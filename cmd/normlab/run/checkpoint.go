package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/normgen/normgen/runtime/transformer"
	"github.com/normgen/normgen/runtime/transformer/checkpoint"
	"github.com/normgen/normgen/runtime/transformer/text"
)

// saving says where and how often a run is saved. Every is 0: never.
type saving struct {
	dir   Dir
	every time.Duration
	saved time.Time
}

// SaveTo makes Train save the run in a directory, every so often and when it ends.
// With 0 it does not.
func (r *Run) SaveTo(d Dir, every time.Duration) { r.saving = saving{d, every, time.Now()} }

func (r *Run) saveIfDue() error {
	if r.every == 0 || time.Since(r.saved) < r.every {
		return nil
	}
	return r.save()
}

// Names of counters and notes in the file, besides the trainer's.
const (
	epochCounter = "reader.epoch"
	batchCounter = "reader.batch"
	progressNote = "progress"
	bestPrefix   = "best."
)

func (r *Run) save() error {
	if r.every == 0 {
		return nil
	}
	r.saved = time.Now()
	at := r.reader.Position()
	note, err := json.Marshal(r.progress)
	if err != nil {
		return err
	}
	return checkpoint.Save(r.dir.File(stateFile), checkpoint.State{
		Tensors: r.tensors(),
		Counters: append(r.Trainer.Counters(),
			transformer.Counter{Name: epochCounter, Value: uint64(at.Epoch)}, transformer.Counter{Name: batchCounter, Value: uint64(at.Batch)}),
		Notes: map[string]string{progressNote: string(note)},
	})
}

// tensors are those of the trainer, and the weights that did best so far.
func (r *Run) tensors() []transformer.Tensor {
	out := r.Trainer.Tensors()
	if r.probe != nil {
		out = append(out, r.probe.Tensors()...)
	}
	if r.Best.Step == 0 {
		return out
	}
	for i, t := range r.weights() {
		out = append(out, transformer.Tensor{Name: bestPrefix + t.Name, Shape: t.Shape, Data: r.best[i]})
	}
	return out
}

// check holds what is loaded to what the norms' specs say of their states.
func (r *Run) check(name string, values []float32) error {
	return r.Trainer.Check(strings.TrimPrefix(name, bestPrefix), values)
}

// Load makes the run what it was when it was last saved in a directory. An error that is
// fs.ErrNotExist says that it never was.
func (r *Run) Load(d Dir) error {
	if err := d.sameVocab(r.Task); err != nil {
		return err
	}
	f, err := checkpoint.Open(d.File(stateFile))
	if err != nil {
		return err
	}
	defer f.Close()
	var p progress
	if err := json.Unmarshal([]byte(f.Notes[progressNote]), &p); err != nil {
		return fmt.Errorf("%s: note %s: %w", d.File(stateFile), progressNote, err)
	}
	if p.Best.Step > 0 && r.best == nil {
		r.keep(p.Best) // makes memory to read into
	}
	r.progress = p
	if err := checkpoint.Read(f, r.tensors(), r.check); err != nil {
		return err
	}
	return r.seek(f.Counters)
}

// seek sets counters and the place in the corpus.
func (r *Run) seek(values map[string]uint64) error {
	at := text.Position{Epoch: int(values[epochCounter]), Batch: int(values[batchCounter])}
	if err := r.reader.Seek(at); err != nil {
		return err
	}
	var list []transformer.Counter
	for name, v := range values {
		if name != epochCounter && name != batchCounter {
			list = append(list, transformer.Counter{Name: name, Value: v})
		}
	}
	return r.Trainer.SetCounters(list)
}

// Resume makes a run with the settings of one in a directory go on where it was saved,
// or begin if it never was. What the settings may change is what a run may go on with.
func Resume(r *Run, d Dir) error {
	old, err := d.Settings()
	if err != nil {
		return err
	}
	if no := differences(old, r.Settings); len(no) > 0 {
		return fmt.Errorf("%s: the run has other settings (%s): -resume may change steps, minutes, beam, log and evaluate alone", d, strings.Join(no, ", "))
	}
	if err := r.Load(d); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return WriteJSON(d.File(settingsFile), &r.Settings)
}

// differences names the settings that differ and must not.
func differences(a, b Settings) []string {
	b.Steps, b.Minutes, b.Beam, b.Log, b.Evaluate, b.Size = a.Steps, a.Minutes, a.Beam, a.Log, a.Evaluate, a.Size
	was, is := fields(a), fields(b)
	names := map[string]any{}
	maps.Copy(names, was)
	maps.Copy(names, is)
	var out []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if is[name] != was[name] {
			out = append(out, fmt.Sprintf("%s is %v there", name, was[name]))
		}
	}
	return out
}

// fields are the settings by their names in JSON, numbers as written.
func fields(s Settings) map[string]any {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // numbers and strings
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		panic(err)
	}
	return out
}
