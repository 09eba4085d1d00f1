package text

import (
	"os"
	"strings"
	"testing"
)

// dataFolder is the folder of the licensed corpora, which are not part of the
// repository: the environment's NORMGEN_DATA.
func dataFolder(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("NORMGEN_DATA")
	if dir == "" {
		t.Skip("NORMGEN_DATA does not name a folder with corpora")
	}
	return dir
}

// TestDataLanguages: sizes as published for the corpora, with <eos>.
func TestDataLanguages(t *testing.T) {
	fsys := os.DirFS(dataFolder(t))
	for _, c := range []struct {
		name                      string
		train, valid, test, words int
	}{
		{"ptb", 929589, 73760, 82430, 10000},
		{"wikitext2", 2088628, 217646, 245569, 33278},
	} {
		l, err := LoadLanguage(fsys, c.name)
		if err != nil {
			t.Error(err)
			continue
		}
		if len(l.Train) != c.train || len(l.Valid) != c.valid || len(l.Test) != c.test || l.Vocab.Len() != c.words {
			t.Errorf("%s: %d, %d and %d tokens, %d words", c.name, len(l.Train), len(l.Valid), len(l.Test), l.Vocab.Len())
		}
	}
	files, err := LoadLanguage(fsys, Shakespeare)
	if err != nil {
		t.Fatal(err)
	}
	if builtin, err := LoadLanguage(nil, Shakespeare); err != nil || !builtin.Vocab.Equal(files.Vocab) || len(builtin.Train) != len(files.Train) {
		t.Errorf("the embedded text is another one: %v", err)
	}
}

// TestDataPairs: sizes as published.
func TestDataPairs(t *testing.T) {
	fsys := os.DirFS(dataFolder(t))
	for _, c := range []struct {
		name, source       string
		train, valid, test int
	}{
		{"multi30k", "de", 29000, 1014, 1000},
		{"multi30k-bpe", "de", 29000, 1014, 1000},
		{"multi30k-raw", "de", 29000, 1014, 1000},
		{"iwslt14", "de", 14868, 1000, 6750},
		{"enja50k", "ja", 50000, 500, 500},
	} {
		p, err := LoadParallel(fsys, c.name, c.source, "en")
		if err != nil {
			t.Error(err)
			continue
		}
		if p.Train.Len() != c.train || p.Valid.Len() != c.valid || p.Test.Len() != c.test {
			t.Errorf("%s: %d, %d and %d pairs", c.name, p.Train.Len(), p.Valid.Len(), p.Test.Len())
		}
	}
}

// TestDataBPE: the codes of Multi30k give the split text that was published with
// them, and that is whole again when it is joined. A space at the end of a published
// line, which line 16217 of train.en has, means nothing.
func TestDataBPE(t *testing.T) {
	fsys := os.DirFS(dataFolder(t))
	bpe, err := ReadBPE(fsys, "multi30k/bpe10k/codes")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"train.de", "train.en", "val.de", "val.en", "test_2016_flickr.de", "test_2016_flickr.en"} {
		want := lines(t, fsys, "multi30k/bpe10k/"+file)
		differ := 0
		for i, line := range lines(t, fsys, "multi30k/tok/"+file) {
			words := strings.Fields(line)
			parts, err := bpe.Split(nil, words...)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Join(parts, " ") != strings.TrimRight(want[i], " ") || Join(parts) != strings.Join(words, " ") {
				differ++
				t.Logf("%s:%d\n got %q\nwant %q", file, i+1, parts, want[i])
			}
		}
		if differ > 0 {
			t.Errorf("%s: %d lines differ", file, differ)
		}
	}
}
