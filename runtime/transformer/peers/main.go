// Command peers measures training steps against PyTorch on the processor: the same
// models, batches and threads, step by step in turn.
//
//	go run ./runtime/transformer/peers -python VENV/bin/python >testdata/results/steps.txt
//
// It prints medians: tokens a second, what of a step this side spends where, and how
// many times as long PyTorch takes. The kernels of OpenBLAS are printed too: variables such as
// OPENBLAS_CORETYPE may have chosen slow ones.
package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/normgen/normgen/generated/standard"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer"
	"github.com/normgen/normgen/runtime/transformer/blas"
)

//go:embed step.py
var program string

// A subject is a model whose steps are timed, and the shape of its batches.
type subject struct {
	name                         string
	config                       transformer.Config
	sequences, sourceLen, length int
}

// subjects are the sizes of published runs on PTB and Multi30k.
var subjects = []subject{
	{"language model, 3 layers of 256", transformer.Config{Vocab: 10000, Width: 256, Hidden: 1024, Heads: 4, DecoderLayers: 3, Tie: true,
		Dropout: 0.3, AttentionDropout: 0.1, HiddenDropout: 0.1, MaxLen: 64, MaxRows: 60 * 64}, 60, 0, 64},
	{"language model, hidden layers of 2100", transformer.Config{Vocab: 10000, Width: 256, Hidden: 2100, Heads: 8, DecoderLayers: 3, Tie: true,
		Dropout: 0.3, AttentionDropout: 0.1, HiddenDropout: 0.1, MaxLen: 32, MaxRows: 60 * 32}, 60, 0, 32},
	{"translator, 3+3 layers of 256", transformer.Config{Vocab: 8000, SourceVocab: 8000, Width: 256, Hidden: 512, Heads: 8, EncoderLayers: 3, DecoderLayers: 3,
		Tie: true, Dropout: 0.1, AttentionDropout: 0.1, HiddenDropout: 0.1, LabelSmoothing: 0.1, MaxLen: 16, MaxRows: 128 * 16}, 128, 16, 16},
	{"translator, 4+4 layers of 128", transformer.Config{Vocab: 10000, SourceVocab: 10000, Width: 128, Hidden: 256, Heads: 4, EncoderLayers: 4, DecoderLayers: 4,
		Tie: true, Share: true, Dropout: 0.3, AttentionDropout: 0.1, HiddenDropout: 0.1, LabelSmoothing: 0.1, MaxLen: 16, MaxRows: 256 * 16}, 256, 16, 16},
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("peers: ")
	python := flag.String("python", "python3", "the `interpreter` that has torch; empty: this side alone")
	workers := flag.Int("workers", 2, "threads of both")
	steps := flag.Int("steps", 7, "timed steps of each, after two that are not")
	only := flag.Int("only", -1, "the `number` of the model, from 0; -1: all")
	flag.Parse()
	products, err := blas.OpenBLAS[float32]("", *workers)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v\n\n", products)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "training step of a\ttokens/s\tproducts\tattention\tnorms\tloss\tupdate\tpeer\ttokens/s\tpeer's time over ours")
	for i, s := range subjects {
		if *only >= 0 && i != *only {
			continue
		}
		if err := s.measure(table, products, *python, *workers, *steps); err != nil {
			log.Fatalf("%s: %v", s.name, err)
		}
	}
	table.Flush()
}

// measure times a subject on both sides in turn, and writes a row of what it found.
func (s *subject) measure(table io.Writer, products blas.Products, python string, workers, steps int) error {
	pool := runtime.NewGoroutines(workers)
	defer pool.Close()
	pool.Start() // the cores are idle while steps are timed
	defer pool.Stop()
	trainer, err := s.trainer(transformer.Engine{Products: products, Pool: pool})
	if err != nil {
		return err
	}
	batch := s.batch()
	var peer *torch
	if python != "" {
		if peer, err = s.start(python, workers); err != nil {
			return err
		}
		defer peer.stop()
	}
	var ours []transformer.StepStats
	var theirs []time.Duration
	for i := range steps + 2 {
		st, err := trainer.Step(batch)
		if err != nil {
			return err
		}
		var t time.Duration
		if peer != nil {
			pool.Stop()
			if t, err = peer.step(); err != nil {
				return err
			}
			pool.Start()
		}
		if i >= 2 {
			ours, theirs = append(ours, st), append(theirs, t)
		}
	}
	s.print(table, ours, theirs, peer)
	return nil
}

func (s *subject) trainer(e transformer.Engine) (*transformer.Trainer, error) {
	norms := transformer.Everywhere(func(cols int) (runtime.Norm, error) {
		return standard.NewLayerNorm(cols, standard.LayerNormOptions{})
	})
	var m transformer.Model
	var err error
	if s.config.SourceVocab > 0 {
		m, err = transformer.NewTranslator(s.config, norms, e)
	} else {
		m, err = transformer.NewLM(s.config, norms, e)
	}
	if err != nil {
		return nil, err
	}
	return transformer.NewTrainer(m, transformer.Training{Rate: 1e-3, Clip: 1})
}

func (s *subject) batch() *transformer.Batch {
	r := rand.New(rand.NewPCG(1, 2))
	tokens := func(vocab, length int) []int32 {
		out := make([]int32, s.sequences*length)
		for i := range out {
			out[i] = r.Int32N(int32(vocab))
		}
		return out
	}
	b := &transformer.Batch{Sequences: s.sequences, Len: s.length, Input: tokens(s.config.Vocab, s.length), Target: tokens(s.config.Vocab, s.length)}
	if s.config.SourceVocab > 0 {
		b.SourceLen, b.Source = s.sourceLen, tokens(s.config.SourceVocab, s.sourceLen)
	}
	return b
}

func (s *subject) print(table io.Writer, ours []transformer.StepStats, theirs []time.Duration, peer *torch) {
	slices.SortFunc(ours, func(a, b transformer.StepStats) int { return int(a.Time - b.Time) })
	slices.Sort(theirs)
	m := ours[len(ours)/2]
	rate := func(d time.Duration) float64 { return float64(m.Loss.Tokens) / d.Seconds() }
	fmt.Fprintf(table, "%s\t%.0f", s.name, rate(m.Time))
	for _, part := range []time.Duration{m.ProductsTime, m.AttentionTime, m.NormTime, m.LossTime, m.UpdateTime} {
		fmt.Fprintf(table, "\t%.1f %%", 100*part.Seconds()/m.Time.Seconds())
	}
	if peer != nil {
		t := theirs[len(theirs)/2]
		fmt.Fprintf(table, "\tPyTorch %s\t%.0f\t%.2f", peer.version, rate(t), t.Seconds()/m.Time.Seconds())
	}
	fmt.Fprintln(table)
}

// A torch is the process of the other side.
type torch struct {
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
	version string
}

func (s *subject) start(python string, workers int) (*torch, error) {
	t := &torch{process: exec.Command(python, "-c", program)}
	t.process.Stderr = os.Stderr
	var err error
	if t.in, err = t.process.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := t.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	t.out = bufio.NewScanner(out)
	if err := t.process.Start(); err != nil {
		return nil, err
	}
	var hello struct{ Version string }
	err = t.ask(map[string]any{"config": s.config, "workers": workers, "sequences": s.sequences, "sourceLen": s.sourceLen, "length": s.length}, &hello)
	t.version = hello.Version
	return t, err
}

// ask sends a line and reads the answer.
func (t *torch) ask(question, answer any) error {
	if err := json.NewEncoder(t.in).Encode(question); err != nil {
		return err
	}
	if !t.out.Scan() {
		return fmt.Errorf("torch said nothing: %w", io.ErrUnexpectedEOF)
	}
	return json.Unmarshal(t.out.Bytes(), answer)
}

func (t *torch) step() (time.Duration, error) {
	var answer struct{ NS int64 }
	err := t.ask("step", &answer)
	return time.Duration(answer.NS), err
}

func (t *torch) stop() {
	t.in.Close()
	t.process.Wait()
}
