package text

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// Words that mean something to the models, as they are written in vocabularies.
const (
	PadWord     = "<pad>"
	StartWord   = "<s>"
	EndWord     = "</s>"
	UnknownWord = "<unk>"
	EOSWord     = "<eos>" // ends a line of a language model's text
)

// The tokens of every vocabulary of a [Parallel].
const (
	Pad     int32 = iota // fills sentences up to the longest of a batch
	Start                // is before the first token of a target
	End                  // is after the last token of a source or target
	Unknown              // stands for words that training has not seen
)

// A Vocab numbers words from 0 on.
type Vocab struct {
	words []string
	ids   map[string]int32
}

// newVocab numbers the special words in their order, then the counted ones, the
// most frequent first and equally frequent ones by their bytes.
func newVocab(special []string, count map[string]int) *Vocab {
	v := &Vocab{ids: make(map[string]int32, len(special)+len(count))}
	for _, w := range special {
		v.add(w)
	}
	words := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b))
	})
	for _, w := range words {
		v.add(w)
	}
	return v
}

// add numbers a word unless it has a number.
func (v *Vocab) add(word string) bool {
	if _, ok := v.ids[word]; ok {
		return false
	}
	v.ids[word] = int32(len(v.words))
	v.words = append(v.words, word)
	return true
}

// Len returns the number of words.
func (v *Vocab) Len() int { return len(v.words) }

// Word returns the word of a token. It panics if there is none.
func (v *Vocab) Word(id int32) string { return v.words[id] }

// ID returns the token of a word, and whether the word has one.
func (v *Vocab) ID(word string) (int32, bool) {
	id, ok := v.ids[word]
	return id, ok
}

// Encode appends the tokens of words to dst. A word without a token becomes
// [UnknownWord]'s; where the vocabulary does not have that either, it is an error.
func (v *Vocab) Encode(dst []int32, words ...string) ([]int32, error) {
	for _, w := range words {
		id, ok := v.ids[w]
		if !ok {
			if id, ok = v.ids[UnknownWord]; !ok {
				return dst, fmt.Errorf("%q is not in the vocabulary, which has no %s", w, UnknownWord)
			}
		}
		dst = append(dst, id)
	}
	return dst, nil
}

// Decode returns the words of tokens. It panics if a token has none.
func (v *Vocab) Decode(tokens []int32) []string {
	words := make([]string, len(tokens))
	for i, t := range tokens {
		words[i] = v.words[t]
	}
	return words
}

// Equal reports whether both number the same words alike.
func (v *Vocab) Equal(u *Vocab) bool { return slices.Equal(v.words, u.words) }

// escaper keeps a word, which may be the end of a line, on one line.
var (
	escaper   = strings.NewReplacer("\\", "\\\\", "\n", "\\n", "\r", "\\r")
	unescaper = strings.NewReplacer("\\\\", "\\", "\\n", "\n", "\\r", "\r")
)

// WriteTo writes a word a line, so that the word of token n is on line n+1. Ends of
// lines are written as \n and \r, a backslash is written twice.
func (v *Vocab) WriteTo(w io.Writer) (int64, error) {
	out := bufio.NewWriter(w)
	var total int64
	for _, word := range v.words {
		n, err := out.WriteString(escaper.Replace(word) + "\n")
		total += int64(n)
		if err != nil {
			return total, err
		}
	}
	return total, out.Flush()
}

// ReadVocab reads what [Vocab.WriteTo] has written to a file.
func ReadVocab(fsys fs.FS, name string) (*Vocab, error) {
	v := &Vocab{ids: map[string]int32{}}
	err := eachLine(fsys, name, func(n int, line string) error {
		word := unescaper.Replace(line)
		switch {
		case word == "":
			return fmt.Errorf("token %d has no word", n-1)
		case !v.add(word):
			return fmt.Errorf("%q is also token %d: words are numbered once", word, v.ids[word])
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}
