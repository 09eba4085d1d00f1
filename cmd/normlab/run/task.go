package run

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/normgen/normgen/runtime/transformer"
	"github.com/normgen/normgen/runtime/transformer/text"
)

// A Task is a corpus with what a model of it reads.
type Task struct {
	Language *text.Language // nil: translation
	Parallel *text.Parallel
	settings *Settings
	train    text.Pairs // of translation: those that are short enough
}

// Load reads the corpus of the settings from a data folder; "" is none.
func Load(s *Settings, data string) (*Task, error) {
	var folder fs.FS
	if data != "" {
		if info, err := os.Stat(data); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("-data %s: there is no such folder", data)
		}
		folder = os.DirFS(data)
	}
	t := &Task{settings: s}
	var err error
	if !s.Translates() {
		t.Language, err = text.LoadLanguage(folder, corpus(s.Task))
	} else if t.Parallel, err = text.LoadParallel(folder, corpus(s.Task), s.Source, s.Target); err == nil {
		t.train = t.Parallel.Train.Limit(s.Length)
	}
	if err != nil && folder == nil {
		err = fmt.Errorf("%w: give its folder with -data", err)
	}
	return t, err
}

// Unit is what a token is.
func (t *Task) Unit() string {
	if t.Language != nil {
		return t.Language.Unit
	}
	return "token"
}

func (t *Task) vocab() *text.Vocab {
	if t.Language != nil {
		return t.Language.Vocab
	}
	return t.Parallel.Vocab
}

// Describe says how large the corpus is.
func (t *Task) Describe() string {
	if l := t.Language; l != nil {
		return fmt.Sprintf("%s: %d %ss for training, %d for validation, %d for the test, %d different", l.Name, len(l.Train), l.Unit, len(l.Valid), len(l.Test), l.Vocab.Len())
	}
	p := t.Parallel
	return fmt.Sprintf("%s from %s to %s: %d of %d pairs for training, %d for validation, %d for the test, %d different tokens",
		p.Name, p.Source, p.Target, t.train.Len(), p.Train.Len(), p.Valid.Len(), p.Test.Len(), p.Vocab.Len())
}

// config is the model's.
func (t *Task) config() transformer.Config {
	s := t.settings
	c := transformer.Config{Width: s.Width, Hidden: s.Hidden, Heads: s.Heads, DecoderLayers: s.Layers, PostNorm: s.PostNorm, Tie: true,
		Dropout: s.Dropout, AttentionDropout: s.Dropout / 2, HiddenDropout: s.Dropout / 2, LabelSmoothing: s.Smoothing,
		MaxLen: s.Length, MaxRows: s.Batch, Seed: s.Seed}
	if t.Language != nil {
		c.Vocab = t.Language.Vocab.Len()
		return c
	}
	c.Vocab, c.SourceVocab, c.EncoderLayers, c.Share = t.Parallel.Vocab.Len(), t.Parallel.Vocab.Len(), s.Layers, true
	for _, part := range []*text.Pairs{&t.train, &t.Parallel.Valid, &t.Parallel.Test} {
		for i := range part.Len() {
			c.MaxLen = max(c.MaxLen, len(part.Source[i])+1, len(part.Target[i])+1)
		}
	}
	c.MaxRows = max(c.MaxRows, c.MaxLen)
	return c
}

// training returns the reader of training batches.
func (t *Task) training() (*text.Reader, error) {
	return t.reader(t.part("train"), text.Order{Shuffle: true, Seed: t.settings.Seed})
}

// A part of a corpus.
type part struct {
	tokens []int32
	pairs  *text.Pairs
}

// part returns "train", "valid" or "test".
func (t *Task) part(name string) part {
	switch l, p := t.Language, t.Parallel; name {
	case "train":
		if l != nil {
			return part{tokens: l.Train}
		}
		return part{pairs: &t.train}
	case "valid":
		if l != nil {
			return part{tokens: l.Valid}
		}
		return part{pairs: &p.Valid}
	}
	if t.Language != nil {
		return part{tokens: t.Language.Test}
	}
	return part{pairs: &t.Parallel.Test}
}

// Parts are those that can be evaluated.
var Parts = []string{"valid", "test", "train"}

// reader cuts a part into batches of the size of the settings.
func (t *Task) reader(p part, o text.Order) (*text.Reader, error) {
	s := t.settings
	if p.pairs != nil {
		return text.NewBuckets(p.pairs, text.BucketOptions{Tokens: t.config().MaxRows, Order: o})
	}
	return text.NewStreams(p.tokens, text.StreamOptions{Rows: s.Batch / s.Length, Length: s.Length, Order: o})
}
