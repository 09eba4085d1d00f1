package bleu

import (
	"fmt"
	"math"
	"strings"
)

// Order is the number of words of the longest sequences that are compared.
const Order = 4

// A Metric is a way to make words of lines.
type Metric struct {
	Tokenizer
	Lower bool // compares in lower case
}

// The metrics that published numbers are of.
var (
	WMT       = Metric{Tokenizer: V13a}
	Tokenized = Metric{Tokenizer: Spaces, Lower: true}
)

// Signature returns what has to be known to compare a score, in sacreBLEU's form.
func (m Metric) Signature(references int) string {
	letters := "mixed"
	if m.Lower {
		letters = "lc"
	}
	return fmt.Sprintf("nrefs:%d|case:%s|eff:no|tok:%s|smooth:exp|version:normgen.1", references, letters, m.Tokenizer)
}

// words are those of a line.
func (m Metric) words(line string) []string {
	if m.Lower {
		line = lower(line)
	}
	return m.Tokenizer.words(line)
}

// Counts are what BLEU is computed from. Those of a corpus are the sums of those of
// its sentences.
type Counts struct {
	Match [Order]int // sequences of n+1 words that a reference has too, each as often as it has it at most
	Total [Order]int // sequences of n+1 words
	Words int        // of the translations
	Want  int        // of the references; with several, of the one that is closest in length
}

// Add adds other sentences.
func (c *Counts) Add(d Counts) {
	for n := range Order {
		c.Match[n] += d.Match[n]
		c.Total[n] += d.Total[n]
	}
	c.Words += d.Words
	c.Want += d.Want
}

// Corpus compares translations with one or more sets of references. Line i of each
// set is a reference for translation i. It is an error if there are no lines, or not
// as many of one as of the others.
func (m Metric) Corpus(translations []string, references ...[]string) (Counts, error) {
	var sum Counts
	if len(references) == 0 || len(translations) == 0 {
		return sum, fmt.Errorf("bleu: %d translations and %d sets of references: there is at least one of each",
			len(translations), len(references))
	}
	for i, set := range references {
		if len(set) != len(translations) {
			return sum, fmt.Errorf("bleu: %d translations, and %d lines in set %d of the references", len(translations), len(set), i+1)
		}
	}
	of := make([]string, len(references))
	for i, line := range translations {
		for k, set := range references {
			of[k] = set[i]
		}
		sum.Add(m.Sentence(line, of...))
	}
	return sum, nil
}

// Sentence compares a translation with its references, of which there is at least
// one.
func (m Metric) Sentence(translation string, references ...string) Counts {
	got := m.words(translation)
	c := Counts{Words: len(got)}
	most := map[string]int{} // times that a reference has a sequence
	for i, line := range references {
		want := m.words(line)
		for s, n := range sequences(want) {
			most[s] = max(most[s], n)
		}
		if i == 0 || closer(len(want), c.Want, len(got)) {
			c.Want = len(want)
		}
	}
	for s, n := range sequences(got) {
		k := strings.Count(s, " ")
		c.Match[k] += min(n, most[s])
		c.Total[k] += n
	}
	return c
}

// closer reports whether length a is closer to n than b is; of two that are as close
// the shorter one is taken.
func closer(a, b, n int) bool {
	da, db := max(a-n, n-a), max(b-n, n-b)
	return da < db || da == db && a < b
}

// sequences counts those of 1 to Order words, which have no spaces.
func sequences(words []string) map[string]int {
	count := make(map[string]int, Order*len(words))
	for i := range words {
		for n := 1; n <= min(Order, len(words)-i); n++ {
			count[strings.Join(words[i:i+n], " ")]++
		}
	}
	return count
}

// Precisions returns the share of sequences of each length that matches, in percent.
// Where nothing matches it is smoothed: half of one match the first time, a quarter
// the next, and so on. It is 0 where there are no sequences, and everywhere if no
// word matches.
func (c Counts) Precisions() [Order]float64 {
	var p [Order]float64
	if c.Match == [Order]int{} {
		return p
	}
	smooth := 1.0
	for n := range Order {
		if c.Total[n] == 0 {
			break
		}
		if c.Match[n] > 0 {
			p[n] = 100 * float64(c.Match[n]) / float64(c.Total[n])
			continue
		}
		smooth *= 2
		p[n] = 100 / (smooth * float64(c.Total[n]))
	}
	return p
}

// Brevity returns the factor for translations that are shorter than the references.
func (c Counts) Brevity() float64 {
	switch {
	case c.Words >= c.Want:
		return 1
	case c.Words == 0:
		return 0
	}
	return math.Exp(1 - float64(c.Want)/float64(c.Words))
}

// Score returns BLEU, from 0 to 100.
func (c Counts) Score() float64 {
	sum := 0.0
	for _, p := range c.Precisions() {
		if p == 0 {
			return 0
		}
		sum += math.Log(p)
	}
	return c.Brevity() * math.Exp(sum/Order)
}

// String returns the score and what it is made of, as sacreBLEU prints them.
func (c Counts) String() string {
	p := c.Precisions()
	ratio := 0.0
	if c.Want > 0 {
		ratio = float64(c.Words) / float64(c.Want)
	}
	return fmt.Sprintf("BLEU = %.2f %.1f/%.1f/%.1f/%.1f (BP = %.3f ratio = %.3f hyp_len = %d ref_len = %d)",
		c.Score(), p[0], p[1], p[2], p[3], c.Brevity(), ratio, c.Words, c.Want)
}
