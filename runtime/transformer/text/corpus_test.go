package text

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// The numbers of the text are those that its distributors state: 1,115,394
// characters, 65 of them different.
func TestShakespeare(t *testing.T) {
	c, err := LoadLanguage(nil, Shakespeare)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(c.Train) + len(c.Valid) + len(c.Test); n != 1115394 {
		t.Errorf("%d characters", n)
	}
	if n := c.Vocab.Len(); n != 65 {
		t.Errorf("%d different characters", n)
	}
	if len(c.Train) != 1003854 || len(c.Valid) != 55770 {
		t.Errorf("%d characters are for training and %d for validation", len(c.Train), len(c.Valid))
	}
	const first = "First Citizen:\nBefore we proceed any further, hear me speak."
	if got := strings.Join(c.Vocab.Decode(c.Train[:len(first)]), ""); got != first {
		t.Errorf("the text begins with %q", got)
	}
	if got := strings.Join(c.Vocab.Decode(c.Test[len(c.Test)-8:]), ""); got != "waking.\n" {
		t.Errorf("the text ends in %q", got)
	}
}

func TestWords(t *testing.T) {
	fsys := files(
		"words/train.txt", " b a <unk>\n\na\tb a\n",
		"words/valid.txt", "a c\n",
		"words/test.txt", "b",
	)
	c, err := LoadLanguage(fsys, "words")
	if err != nil {
		t.Fatal(err)
	}
	// a comes three times, b twice, <unk> once.
	want := &Language{
		Name: "words", Unit: "word", Vocab: newVocab([]string{EOSWord, "a", "b", UnknownWord}, nil),
		Train: []int32{2, 1, 3, 0, 0, 1, 2, 1, 0}, Valid: []int32{1, 3, 0}, Test: []int32{2, 0},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
}

func TestPairs(t *testing.T) {
	fsys := files(
		"pairs/codes", bpeVersion+"\nl o\nlo w</w>\n",
		"pairs/train.de", "low slow\nlow\n", "pairs/train.en", "a low\nlo\n",
		"pairs/valid.de", "low\n", "pairs/valid.en", "b  low\n",
		"pairs/test.de", "s\n", "pairs/test.en", "w\n",
	)
	c, err := LoadParallel(fsys, "pairs", "de", "en")
	if err != nil {
		t.Fatal(err)
	}
	// Parts: low, s@@ low, low; a low, lo is "l@@ o": the end of a word is a symbol of its own.
	if got, want := c.Vocab.words[Unknown+1:], []string{"low", "a", "l@@", "o", "s@@"}; !slices.Equal(got, want) {
		t.Errorf("the words are %q, want %q", got, want)
	}
	if diff := cmp.Diff(Pairs{
		Source: [][]int32{{4, 8, 4}, {4}}, Target: [][]int32{{5, 4}, {6, 7}}, Text: []string{"a low", "lo"},
	}, c.Train); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Pairs{Source: [][]int32{{4}}, Target: [][]int32{{Unknown, 4}}, Text: []string{"b low"}}, c.Valid); diff != "" {
		t.Error(diff)
	}
	if tokens, err := c.Encode("slow lo"); err != nil || c.Decode(tokens) != "slow lo" {
		t.Errorf("%v decoded is %q: %v", tokens, c.Decode(tokens), err)
	}
}

// TestPacked: of a file and its .gz the packed one is read.
func TestPacked(t *testing.T) {
	fsys := files("f", "plain")
	fsys["f.gz"] = &fstest.MapFile{Data: gzipped(t, "packed\r\nlines")}
	if got, want := lines(t, fsys, "f"), []string{"packed", "lines"}; !slices.Equal(got, want) {
		t.Errorf("read %q", got)
	}
}

func TestRefused(t *testing.T) {
	packed := gzipped(t, strings.Repeat("some text\n", 100))
	words := func(train, valid string) fstest.MapFS {
		return files("words/train.txt", train, "words/valid.txt", valid, "words/test.txt", "a\n")
	}
	pairs := func(de, en string) fstest.MapFS {
		return files("enja50k/train.ja", de, "enja50k/train.en", en,
			"enja50k/dev.ja", "x\n", "enja50k/dev.en", "x\n", "enja50k/test.ja", "x\n", "enja50k/test.en", "x\n")
	}
	gz := func(data []byte) fstest.MapFS {
		return fstest.MapFS{"words/train.txt.gz": &fstest.MapFile{Data: data}}
	}
	damaged := slices.Clone(packed)
	damaged[len(damaged)-6] ^= 1 // of the checksum
	for _, c := range []struct {
		name, corpus string
		fsys         fs.FS
		want         string
	}{
		{"unknown corpus", "penn", files(), `no language corpus is called "penn": there are tinyshakespeare, ptb,`},
		{"no folder", "ptb", nil, "corpus ptb needs a data folder: only tinyshakespeare is built in"},
		{"no file", "ptb", files(), "ptb/ptb.train.txt: there is neither this file nor ptb/ptb.train.txt.gz in the data folder"},
		{"a folder", "words", fstest.MapFS{"words/train.txt": &fstest.MapFile{Mode: fs.ModeDir}}, "words/train.txt: not a regular file"},
		{"a pipe", "words", fstest.MapFS{"words/train.txt.gz": &fstest.MapFile{Mode: fs.ModeNamedPipe}}, "words/train.txt.gz: not a regular file"},
		{"empty", "words", words("", "a\n"), "words/train.txt: the file has no lines"},
		{"nothing to predict", "words", words("\n", "a\n"), "words/train.txt: a text of 1 token predicts nothing"},
		{"unknown word", "words", words("a b\n", "a\nb c a\n"), `words/valid.txt:2: "c" is not in the vocabulary, which has no <unk>`},
		{"not UTF-8", "words", words("a\nb \xff c\n", "a\n"), "words/train.txt:2: byte 3 of the line is not UTF-8"},
		{"long line", "words", words("a\n"+strings.Repeat("b", maxLine)+"\n", "a\n"), "words/train.txt:2: the line has more than 1048576 bytes"},
		{"not gzip", "words", gz([]byte("some text")), "words/train.txt.gz: not a gzip file"},
		{"cut gzip", "words", gz(packed[:len(packed)-9]), "words/train.txt.gz:"},
		{"damaged gzip", "words", gz(damaged), "words/train.txt.gz:101: the compressed file is cut off or damaged here"},
		{"short characters", Shakespeare, files("tinyshakespeare/input.txt", "To be\n"), "the text has 6 characters: 40 are the least"},

		{"unknown pairs", "wmt", files(), `no parallel corpus is called "wmt": there are multi30k,`},
		{"no folder for pairs", "enja50k", nil, "corpus enja50k needs a data folder"},
		{"lengths differ", "enja50k", pairs("a\nb\n", "a\n"), "enja50k/train.ja has 2 lines and enja50k/train.en has 1"},
		{"empty sentence", "enja50k", pairs("a\n \n", "a\nb\n"), "enja50k/train.ja:2: the line is empty"},
		{"no codes", "pairs", files(), "pairs/codes: there is neither this file nor pairs/codes.gz"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var err error
			if slices.Contains(Parallels(), c.corpus) || c.corpus == "wmt" {
				_, err = LoadParallel(c.fsys, c.corpus, "ja", "en")
			} else {
				_, err = LoadLanguage(c.fsys, c.corpus)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// TestBomb: a small file does not unpack without end. Its text is one byte too long.
func TestBomb(t *testing.T) {
	if testing.Short() {
		t.Skip("unpacks a gigabyte")
	}
	n, at := 0, 0
	err := scan(endless{}, &at, func(_ int, line string) error {
		n += len(line) + 1
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "more than 1073741824 bytes") {
		t.Errorf("error %v", err)
	}
	if n > maxBytes {
		t.Errorf("%d bytes were read", n)
	}
}

// endless is lines without end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	if len(p) > 0 {
		p[len(p)-1] = '\n'
	}
	return len(p), nil
}

func FuzzLanguage(f *testing.F) {
	f.Add([]byte("a b\n<unk> c\n\n"), []byte("d\n"))
	f.Add([]byte("\xff"), []byte("\n"))
	f.Add([]byte("a\r\nb\x00\n"), []byte{})
	f.Fuzz(func(t *testing.T, train, valid []byte) {
		fsys := files("words/train.txt", string(train), "words/valid.txt", string(valid), "words/test.txt", "<unk>\n")
		c, err := LoadLanguage(fsys, "words")
		if err != nil {
			return
		}
		for _, part := range [][]int32{c.Train, c.Valid, c.Test} {
			for _, id := range part {
				if id < 0 || int(id) >= c.Vocab.Len() {
					t.Fatalf("token %d of %d", id, c.Vocab.Len())
				}
			}
		}
	})
}

// FuzzPacked: no gzip file makes a reader panic.
func FuzzPacked(f *testing.F) {
	f.Add([]byte("\x1f\x8b\x08\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		fsys := fstest.MapFS{"f.gz": &fstest.MapFile{Data: data}}
		_ = eachLine(fsys, "f", func(n int, line string) error {
			if n < 1 || strings.Contains(line, "\n") {
				t.Errorf("line %d is %q", n, line)
			}
			return nil
		})
	})
}
