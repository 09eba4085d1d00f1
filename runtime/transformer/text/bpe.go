package text

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	bpeVersion = "#version: 0.2" // first line of a codes file of subword-nmt
	wordEnd    = "</w>"          // is part of the last symbol of a word
	joiner     = "@@"            // is at the end of a part that another part follows
	// maxWord bounds the work on a hostile word: it is split in time quadratic in
	// its length. The longest words of the corpora are below 100 characters.
	maxWord = 1000
	maxSeen = 1 << 20 // words that are remembered
)

// A BPE splits words into parts by merging characters in the order of learnt codes
// (Sennrich, Haddow and Birch 2016), as subword-nmt does. It remembers the words it
// has split, and is not safe for concurrent use.
type BPE struct {
	rank map[pair]int // order of the merges, from 0
	seen map[string][]string
}

// A pair is two symbols that are merged.
type pair struct{ left, right string }

// ReadBPE reads a codes file of subword-nmt, version 0.2: the version, then the two
// symbols of a merge a line, the first merge first.
func ReadBPE(fsys fs.FS, name string) (*BPE, error) {
	b := &BPE{rank: map[pair]int{}, seen: map[string][]string{}}
	err := eachLine(fsys, name, func(n int, line string) error {
		if n == 1 {
			if line != bpeVersion {
				return fmt.Errorf("the first line is %.40q: codes of subword-nmt begin with %q", line, bpeVersion)
			}
			return nil
		}
		left, right, ok := strings.Cut(strings.Trim(line, " "), " ")
		if !ok || left == "" || right == "" || strings.Contains(right, " ") {
			return fmt.Errorf("%.40q is not a merge: it is two symbols with one space between them", line)
		}
		b.add(pair{left, right})
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(b.rank) == 0 {
		return nil, fmt.Errorf("%s: no merge follows the version", name)
	}
	return b, nil
}

// add gives a merge the next rank. Of two equal ones the first counts.
func (b *BPE) add(p pair) {
	if _, ok := b.rank[p]; !ok {
		b.rank[p] = len(b.rank)
	}
}

// Split appends the parts of words to dst. All parts of a word but the last end in
// "@@", so that the parts with a space between them are the line that subword-nmt
// writes.
func (b *BPE) Split(dst []string, words ...string) ([]string, error) {
	for _, w := range words {
		parts, ok := b.seen[w]
		if !ok {
			if n := utf8.RuneCountInString(w); n > maxWord {
				return dst, fmt.Errorf("a word has %d characters: at most %d can be split", n, maxWord)
			}
			if len(b.seen) == maxSeen {
				clear(b.seen)
			}
			parts = b.split(w)
			b.seen[w] = parts
		}
		dst = append(dst, parts...)
	}
	return dst, nil
}

func (b *BPE) split(word string) []string {
	symbols := strings.Split(word, "")
	if len(symbols) < 2 {
		return []string{word}
	}
	last := len(symbols) - 1
	symbols[last] += wordEnd
	for {
		best, ok := b.best(symbols)
		if !ok {
			break
		}
		symbols = merge(symbols, best)
	}
	last = len(symbols) - 1
	symbols[last] = strings.TrimSuffix(symbols[last], wordEnd)
	for i := range symbols[:last] {
		symbols[i] += joiner
	}
	return slices.Clip(symbols)
}

// best is the pair of neighbours that was learnt first.
func (b *BPE) best(symbols []string) (pair, bool) {
	var best pair
	rank, ok := len(b.rank), false
	for i := range len(symbols) - 1 {
		p := pair{symbols[i], symbols[i+1]}
		if r, known := b.rank[p]; known && r < rank {
			best, rank, ok = p, r, true
		}
	}
	return best, ok
}

// merge joins every p in symbols, from the left, in place.
func merge(symbols []string, p pair) []string {
	n := 0
	for i := 0; i < len(symbols); i++ {
		s := symbols[i]
		if i+1 < len(symbols) && s == p.left && symbols[i+1] == p.right {
			s += p.right
			i++
		}
		symbols[n] = s
		n++
	}
	return symbols[:n]
}

// Join is the line whose parts are given: the inverse of [BPE.Split].
func Join(parts []string) string {
	var line strings.Builder
	for i, p := range parts {
		part, open := strings.CutSuffix(p, joiner)
		line.WriteString(part)
		if !open && i < len(parts)-1 {
			line.WriteByte(' ')
		}
	}
	return line.String()
}
