package transformer

import (
	"errors"
	"fmt"
)

// Config says what a model is. Sizes are counts of elements; probabilities lie
// in [0, 1). [NewLM] and [NewTranslator] check it.
type Config struct {
	Vocab       int // tokens that the decoder reads and predicts
	SourceVocab int // tokens that the encoder reads; 0: a language model

	Width         int // of the residual stream
	Hidden        int // of the feed-forward layers
	Heads         int
	HeadWidth     int // of queries, keys and values of a head; 0: Width/Heads
	EncoderLayers int // 0: a language model
	DecoderLayers int

	PostNorm   bool // norms behind the residual sums, as in the first Transformers, not before each layer
	Activation Activation
	Tie        bool // the output projection is the decoder's embedding
	Share      bool // encoder and decoder have one embedding; the vocabularies are one

	Dropout          float64 // of embeddings and of what is added to the residual stream
	AttentionDropout float64 // of attention weights
	HiddenDropout    float64 // behind the activation
	LabelSmoothing   float64 // share of the target's probability that all tokens get evenly

	MaxLen  int // longest sequence, of either side
	MaxRows int // most rows of a batch, padding included: sequences times length, of either side
	Seed    uint64
}

func (c *Config) headWidth() int {
	if c.HeadWidth > 0 {
		return c.HeadWidth
	}
	return c.Width / max(1, c.Heads)
}

func (c *Config) translates() bool { return c.SourceVocab > 0 || c.EncoderLayers > 0 }

// Check reports the first field that cannot be.
func (c *Config) Check() error {
	sizes := []struct {
		name string
		n    int
	}{
		{"Vocab", c.Vocab}, {"Width", c.Width}, {"Hidden", c.Hidden}, {"Heads", c.Heads},
		{"DecoderLayers", c.DecoderLayers}, {"MaxLen", c.MaxLen}, {"MaxRows", c.MaxRows},
	}
	if c.translates() {
		sizes = append(sizes, struct {
			name string
			n    int
		}{"SourceVocab", c.SourceVocab}, struct {
			name string
			n    int
		}{"EncoderLayers", c.EncoderLayers})
	}
	for _, s := range sizes {
		if s.n < 1 {
			return fmt.Errorf("transformer: %s is %d; it must be at least 1", s.name, s.n)
		}
	}
	for _, p := range []struct {
		name string
		p    float64
	}{
		{"Dropout", c.Dropout}, {"AttentionDropout", c.AttentionDropout},
		{"HiddenDropout", c.HiddenDropout}, {"LabelSmoothing", c.LabelSmoothing},
	} {
		if !(p.p >= 0 && p.p < 1) {
			return fmt.Errorf("transformer: %s is %v; it must be in [0, 1)", p.name, p.p)
		}
	}
	switch {
	case c.HeadWidth < 0:
		return fmt.Errorf("transformer: HeadWidth is %d", c.HeadWidth)
	case c.HeadWidth == 0 && c.Width%c.Heads != 0:
		return fmt.Errorf("transformer: Width %d is no multiple of the %d heads; set HeadWidth", c.Width, c.Heads)
	case c.MaxRows < c.MaxLen:
		return fmt.Errorf("transformer: MaxRows %d is less than MaxLen %d: no sequence of that length fits", c.MaxRows, c.MaxLen)
	case c.Share && !c.translates():
		return errors.New("transformer: Share is for translators")
	case c.Share && c.Vocab != c.SourceVocab:
		return fmt.Errorf("transformer: Share wants one vocabulary; there are %d and %d tokens", c.SourceVocab, c.Vocab)
	case int(c.Activation) >= len(activations):
		return fmt.Errorf("transformer: there is no activation %d", c.Activation)
	}
	return nil
}
