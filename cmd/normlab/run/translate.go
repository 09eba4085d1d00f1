package run

import (
	"fmt"

	"github.com/normgen/normgen/runtime/transformer"
	"github.com/normgen/normgen/runtime/transformer/bleu"
	"github.com/normgen/normgen/runtime/transformer/text"
)

// translate scores the translation of the test; it does nothing for language models.
func (r *Run) translate(e *Evaluated) error {
	if r.Task.Parallel == nil {
		return nil
	}
	lines, references, err := r.Translations(e.Part)
	if err != nil {
		return err
	}
	return e.score(lines, references)
}

// score compares translations with their references.
func (e *Evaluated) score(lines, references []string) error {
	for _, s := range []struct {
		metric bleu.Metric
		score  *float64
		how    *string
	}{{bleu.WMT, &e.BLEU, &e.Signature}, {bleu.Tokenized, &e.BLEUTokenized, &e.SignatureTokenized}} {
		counts, err := s.metric.Corpus(lines, references)
		if err != nil {
			return err
		}
		*s.score, *s.how = counts.Score(), s.metric.Signature(1)
	}
	return nil
}

// Translations translates the sources of a part, and returns the lines and their
// references in the order of the corpus.
func (r *Run) Translations(name string) (lines, references []string, err error) {
	p := r.Task.part(name)
	reader, err := r.Task.reader(p, text.Order{})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	lines = make([]string, p.pairs.Len())
	var b text.Batch
	for reader.Next(&b) {
		if err := r.decode(&b, func(row int, line string) { lines[b.Pairs[row]] = line }); err != nil {
			return nil, nil, err
		}
	}
	return lines, p.pairs.Text, nil
}

// decode translates the source of a batch.
func (r *Run) decode(b *text.Batch, put func(row int, line string)) error {
	model, ok := r.Model.(*transformer.Translator)
	if !ok {
		return fmt.Errorf("task %s is no translation", r.Settings.Task)
	}
	search := transformer.Search{Start: text.Start, End: text.End, Beam: r.Settings.Beam, MaxLen: r.longest(b.SourceLen), Penalty: 1}
	out, err := model.Translate(&b.Batch, search)
	if err != nil {
		return err
	}
	for row, tokens := range out {
		put(row, r.Task.Parallel.Decode(tokens))
	}
	return nil
}

// longest bounds a translation: twice the source and ten more, as fairseq does, as far
// as the model allows.
func (r *Run) longest(source int) int { return min(2*source+10, r.Model.Config().MaxLen-1) }

// TranslateLines translates lines of the user's.
func (r *Run) TranslateLines(lines []string) ([]string, error) {
	if r.Task.Parallel == nil {
		return nil, fmt.Errorf("task %s is no translation", r.Settings.Task)
	}
	pairs := text.Pairs{Text: make([]string, len(lines))}
	for i, l := range lines {
		tokens, err := r.Task.Parallel.Encode(l)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		if most := r.Model.Config().MaxLen - 1; len(tokens) > most {
			return nil, fmt.Errorf("line %d has %d tokens; the model reads %d", i+1, len(tokens), most)
		}
		pairs.Source, pairs.Target = append(pairs.Source, tokens), append(pairs.Target, nil)
	}
	reader, err := r.Task.reader(part{pairs: &pairs}, text.Order{})
	if err != nil {
		return nil, err
	}
	out := make([]string, len(lines))
	var b text.Batch
	for reader.Next(&b) {
		if err := r.decode(&b, func(row int, line string) { out[b.Pairs[row]] = line }); err != nil {
			return nil, err
		}
	}
	return out, nil
}
