//go:build unix

package checkpoint

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/normgen/normgen/generated"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer"
	"github.com/normgen/normgen/runtime/transformer/text"
	"github.com/normgen/normgen/testdata/gates"
)

// A training is a small language model that learns Tiny Shakespeare: 2 layers with
// dropout, and some batches a step.
type training struct {
	trainer *transformer.Trainer
	reader  *text.Reader
	batches []text.Batch
}

// A job says what to train: the name of a norm, batches a step, and workers.
type job struct {
	norm             string
	batches, workers int
	isa              string // of the norms
}

func newTraining(j job) (*training, error) {
	i := slices.IndexFunc(generated.Catalogue(), func(m runtime.Maker) bool { return m.Name == j.norm })
	if i < 0 {
		return nil, fmt.Errorf("there is no norm %s", j.norm)
	}
	maker := generated.Catalogue()[i]
	corpus, err := text.LoadLanguage(nil, text.Shakespeare)
	if err != nil {
		return nil, err
	}
	t := &training{batches: make([]text.Batch, j.batches)}
	const rows, length = 3, 32
	t.reader, err = text.NewStreams(corpus.Train, text.StreamOptions{Rows: rows, Length: length, Order: text.Order{Shuffle: true, Seed: 3}})
	if err != nil {
		return nil, err
	}
	model, err := transformer.NewLM(transformer.Config{
		Vocab: corpus.Vocab.Len(), Width: 32, Hidden: 48, Heads: 4, DecoderLayers: 2, Tie: true, Dropout: 0.1, AttentionDropout: 0.1,
		MaxLen: length, MaxRows: rows * length, Seed: 5,
	}, transformer.Everywhere(func(cols int) (runtime.Norm, error) { return maker.Make(cols, nil) }),
		transformer.Engine{Pool: runtime.NewGoroutines(j.workers)})
	if err != nil {
		return nil, err
	}
	t.trainer, err = transformer.NewTrainer(model, transformer.Training{Rate: 2e-3, Warmup: 20, Clip: 1})
	return t, err
}

func (t *training) step() (int, error) {
	var batches []*transformer.Batch
	for i := range t.batches {
		for !t.reader.Next(&t.batches[i]) {
		}
		batches = append(batches, &t.batches[i].Batch)
	}
	s, err := t.trainer.Step(batches...)
	return s.Step, err
}

func (t *training) save(path string) error {
	at := t.reader.Position()
	return Save(path, State{Tensors: t.trainer.Tensors(), Counters: append(t.trainer.Counters(),
		transformer.Counter{Name: "data.epoch", Value: uint64(at.Epoch)}, transformer.Counter{Name: "data.batch", Value: uint64(at.Batch)})})
}

func (t *training) load(path string) error {
	f, err := Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := Read(f, t.trainer.Tensors(), t.trainer.Check); err != nil {
		return err
	}
	var counters []transformer.Counter
	for name, v := range f.Counters {
		if !strings.HasPrefix(name, "data.") {
			counters = append(counters, transformer.Counter{Name: name, Value: v})
		}
	}
	return errors.Join(t.trainer.SetCounters(counters),
		t.reader.Seek(text.Position{Epoch: int(f.Counters["data.epoch"]), Batch: int(f.Counters["data.batch"])}))
}

// The steps of a run, and the one after which it is killed.
var (
	lastStep = gates.Sized(40, 100)
	killStep = lastStep / 2
)

// train is the program of TestGate29Resume: it goes on from the file, if there is one,
// saves around the step where it may be killed, and says which step it has saved.
func train(j job, path string) error {
	t, err := newTraining(j)
	if err != nil {
		return err
	}
	if err := t.load(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for step := 0; step < lastStep; {
		if step, err = t.step(); err != nil {
			return err
		}
		if step < killStep-2 || step > killStep+10 && step < lastStep {
			continue
		}
		if err = t.save(path); err != nil {
			return err
		}
		fmt.Println(step)
	}
	return nil
}

// trainVariable makes the test binary that program: its value is the job and the file.
const trainVariable = "NORMGEN_TEST_TRAINS"

func trainJob(value string) error {
	var j job
	var path string
	if _, err := fmt.Sscan(value, &j.norm, &j.batches, &j.workers, &path); err != nil {
		return err
	}
	return train(j, path)
}

// TestGate29Resume: a run that is killed in the middle, wherever it is then, and goes
// on with another number of workers and norms in Go ends with the file of a run that
// nothing stopped, byte for byte.
func TestGate29Resume(t *testing.T) {
	for _, j := range []job{
		{"LayerNorm", 2, 1, ""}, {"BatchNorm", 2, 1, ""}, {"PNV", 2, 1, ""}, {"PowerNorm", 2, 1, ""},
		{"PowerNormReleased", 1, 1, ""}, // has a statistic that cannot be merged
	} {
		t.Run(j.norm, func(t *testing.T) {
			g := gates.Open(t, 29, "a model with "+j.norm+" is saved, killed and resumed")
			dir := t.TempDir()
			whole, cut := filepath.Join(dir, "whole"), filepath.Join(dir, "cut")
			run, err := newTraining(j)
			if err != nil {
				t.Fatal(err)
			}
			for step := 0; step < lastStep; {
				if step, err = run.step(); err != nil {
					t.Fatal(err)
				}
			}
			if err := run.save(whole); err != nil {
				t.Fatal(err)
			}
			killed := trainUntil(t, j, cut, killStep)
			if killed < killStep || killed >= lastStep {
				t.Fatalf("the run was killed after step %d", killed)
			}
			if bytes.Equal(contents(t, cut), contents(t, whole)) {
				t.Fatal("the last steps change nothing")
			}
			j.workers, j.isa = 2, "go"
			if last := trainUntil(t, j, cut, lastStep+1); last != lastStep {
				t.Fatalf("the run ended after step %d", last)
			}
			if !bytes.Equal(contents(t, cut), contents(t, whole)) {
				t.Error("the files differ")
			}
			g.Figure("killed after step %d, then equal in all bytes at step %d", killed, lastStep)
		})
	}
}

// trainUntil runs the program, kills it when it has said a step, and returns the last
// step that it said.
func trainUntil(t *testing.T, j job, path string, step int) (last int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %d %s", trainVariable, j.norm, j.batches, j.workers, path))
	if j.isa != "" {
		cmd.Env = append(cmd.Env, "NORM_ISA="+j.isa)
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if last, err = strconv.Atoi(lines.Text()); err != nil {
			t.Fatal(err)
		}
		if last == step {
			cmd.Process.Kill()
		}
	}
	if err := cmd.Wait(); err != nil && last < step {
		t.Fatal(err)
	}
	return last
}

// TestLoadedValues: values that a run can never have are refused, with their names, and
// the run stays as it is.
func TestLoadedValues(t *testing.T) {
	run, err := newTraining(job{norm: "PowerNorm", batches: 1, workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.step(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "run")
	for _, c := range []struct {
		tensor string
		value  float32
		want   string
	}{
		{"decoder.final_norm.psi2", -1, `tensor "decoder.final_norm.psi2": PowerNorm: element 3 of state psi2 is -1, and the spec says psi2 >= 0`},
		{"decoder.layers.1.self_attn_norm.nu", float32(math.NaN()), `tensor "decoder.layers.1.self_attn_norm.nu": PowerNorm: element 3 of state nu is not a number`},
		{"adam.v.decoder.embedding.weight", -1, `tensor "adam.v.decoder.embedding.weight": element 3 is -1: a second moment is not negative`},
	} {
		i := slices.IndexFunc(run.trainer.Tensors(), func(x transformer.Tensor) bool { return x.Name == c.tensor })
		if i < 0 {
			t.Fatalf("there is no tensor %s", c.tensor)
		}
		data := run.trainer.Tensors()[i].Data
		was := data[3]
		data[3] = c.value
		err := run.save(path)
		data[3] = was
		if err != nil {
			t.Fatal(err)
		}
		before := zeroed(run.trainer.Tensors())
		for j, x := range run.trainer.Tensors() {
			copy(before[j].Data, x.Data)
		}
		if err := run.load(path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
		if !sameBits(before, run.trainer.Tensors()) {
			t.Error("the run has changed")
		}
	}
}
