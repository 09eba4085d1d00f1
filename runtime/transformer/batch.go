package transformer

import "fmt"

// A Batch is what one pass reads: sequences padded to one length. Row b*length+t
// is token t of sequence b. Padding may be anywhere in a sequence and may hold
// any token: it is in no sum, is attended to by nothing, and norms leave it out.
type Batch struct {
	Sequences int

	// Of a translator: what the encoder reads. A source of padding alone is an error.
	SourceLen  int
	Source     []int32 // Sequences*SourceLen tokens
	SourceKeep []bool  // false: padding; nil: all are tokens

	// What the decoder reads, and what it has to predict at each row.
	Len    int
	Input  []int32 // Sequences*Len tokens
	Target []int32 // the same number; not read where Keep is false, nor by decoding
	Keep   []bool  // false: padding; nil: all are tokens
}

// Rows returns the number of rows of the decoder.
func (b *Batch) Rows() int { return b.Sequences * b.Len }

// Tokens returns the number of targets: rows that are not padding.
func (b *Batch) Tokens() int { return kept(b.Keep, b.Rows()) }

func kept(keep []bool, rows int) int {
	if keep == nil {
		return rows
	}
	n := 0
	for _, k := range keep {
		if k {
			n++
		}
	}
	return n
}

// check reports what of b a model of that config cannot read.
func (b *Batch) check(c *Config) error {
	if c.translates() {
		if err := b.checkSource(c); err != nil {
			return err
		}
	} else if len(b.Source) > 0 {
		return fmt.Errorf("transformer: a batch with a Source for a language model")
	}
	return checkSide("Input", b.Sequences, b.Len, c, b.Input, b.Keep, c.Vocab)
}

// checkSource wants every sequence to have a source: attention to nothing means
// nothing.
func (b *Batch) checkSource(c *Config) error {
	if err := checkSide("Source", b.Sequences, b.SourceLen, c, b.Source, b.SourceKeep, c.SourceVocab); err != nil {
		return err
	}
	for i := range b.Sequences {
		if b.SourceKeep != nil && kept(b.SourceKeep[i*b.SourceLen:][:b.SourceLen], b.SourceLen) == 0 {
			return fmt.Errorf("transformer: the source of sequence %d is padding alone", i)
		}
	}
	return nil
}

// checkTarget also wants every row that is kept to have a target.
func (b *Batch) checkTarget(c *Config) error {
	if err := b.check(c); err != nil {
		return err
	}
	if err := checkSide("Target", b.Sequences, b.Len, c, b.Target, b.Keep, c.Vocab); err != nil {
		return err
	}
	if b.Tokens() == 0 {
		return fmt.Errorf("transformer: a batch of padding alone")
	}
	return nil
}

func checkSide(name string, sequences, length int, c *Config, tokens []int32, keep []bool, vocab int) error {
	rows := sequences * length
	switch {
	case sequences < 1:
		return fmt.Errorf("transformer: a batch of %d sequences", sequences)
	case length < 1 || length > c.MaxLen:
		return fmt.Errorf("transformer: %s has length %d; the model was made for 1 to %d", name, length, c.MaxLen)
	case sequences > c.MaxRows/length:
		return fmt.Errorf("transformer: %s has %d rows; the model was made for %d", name, rows, c.MaxRows)
	case len(tokens) != rows:
		return fmt.Errorf("transformer: %s has %d tokens; %d sequences of %d have %d", name, len(tokens), sequences, length, rows)
	case keep != nil && len(keep) != rows:
		return fmt.Errorf("transformer: the mask of %s has %d elements for %d rows", name, len(keep), rows)
	}
	for i, t := range tokens {
		if (keep == nil || keep[i]) && (t < 0 || int(t) >= vocab) {
			return fmt.Errorf("transformer: %s: row %d has token %d; the vocabulary has %d", name, i, t, vocab)
		}
	}
	return nil
}
