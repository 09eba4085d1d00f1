package bleu

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// The file that sacreBLEU's numbers are in.
type reference struct {
	Words []struct {
		Line   string   `json:"line"`
		V13a   []string `json:"13a"`
		Spaces []string `json:"none"`
		Lower  string   `json:"lower"`
	} `json:"words"`
	Cases []struct {
		Name         string     `json:"name"`
		Translations []string   `json:"translations"`
		References   [][]string `json:"references"`
		Scores       []score    `json:"scores"`
	} `json:"cases"`
}

type score struct {
	Lower      bool       `json:"lower"`
	Tokenizer  string     `json:"tokenizer"`
	Score      hexFloat   `json:"score"`
	Match      []int      `json:"match"`
	Total      []int      `json:"total"`
	Words      int        `json:"words"`
	Want       int        `json:"want"`
	Precisions []hexFloat `json:"precisions"`
	Brevity    hexFloat   `json:"brevity"`
	Text       string     `json:"text"`
	Signature  string     `json:"signature"`
}

type hexFloat float64

func (f *hexFloat) UnmarshalText(text []byte) error {
	v, err := strconv.ParseFloat(string(text), 64)
	*f = hexFloat(v)
	return err
}

func sacrebleu(t *testing.T) (r reference) {
	t.Helper()
	data, err := os.ReadFile("testdata/sacrebleu.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Words) < 20 || len(r.Cases) < 14 {
		t.Fatalf("%d lines and %d cases", len(r.Words), len(r.Cases))
	}
	return r
}

func TestWords(t *testing.T) {
	for _, w := range sacrebleu(t).Words {
		if got := V13a.words(w.Line); !slices.Equal(got, w.V13a) {
			t.Errorf("%q\n got %q\nwant %q", w.Line, got, w.V13a)
		}
		if got := Spaces.words(w.Line); !slices.Equal(got, w.Spaces) {
			t.Errorf("%q\n got %q\nwant %q", w.Line, got, w.Spaces)
		}
		if got := lower(w.Line); got != w.Lower {
			t.Errorf("%q\n got %q\nwant %q", w.Line, got, w.Lower)
		}
	}
}

// near allows for two libraries' exp and log: each is good to about one unit in the
// last place, and the sum of the logs, at most 19, goes through exp, which makes of
// its error of a few 1e-15 a relative one.
func near(got, want float64) bool { return math.Abs(got-want) <= 1e-14*math.Abs(want) }

func TestScores(t *testing.T) {
	metric := map[string]Tokenizer{"13a": V13a, "none": Spaces}
	for _, c := range sacrebleu(t).Cases {
		for _, s := range c.Scores {
			m := Metric{metric[s.Tokenizer], s.Lower}
			t.Run(c.Name+" "+m.Signature(len(c.References)), func(t *testing.T) {
				got, err := m.Corpus(c.Translations, c.References...)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got.Match[:], s.Match) || !slices.Equal(got.Total[:], s.Total) || got.Words != s.Words || got.Want != s.Want {
					t.Errorf("counts %+v, want %+v", got, s)
				}
				for n, p := range got.Precisions() {
					if p != float64(s.Precisions[n]) {
						t.Errorf("precision %d is %v, want %v", n+1, p, s.Precisions[n])
					}
				}
				if !near(got.Brevity(), float64(s.Brevity)) || !near(got.Score(), float64(s.Score)) {
					t.Errorf("%v times %v, want %v and %v", got.Brevity(), got.Score(), s.Brevity, s.Score)
				}
				if got.String() != s.Text {
					t.Errorf("\n got %s\nwant %s", got, s.Text)
				}
				ours, _, _ := strings.Cut(m.Signature(len(c.References)), "|version:")
				theirs, _, _ := strings.Cut(s.Signature, "|version:")
				if ours != theirs {
					t.Errorf("the signature is %s, want %s", ours, theirs)
				}
			})
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		translations []string
		references   [][]string
		want         string
	}{
		{nil, [][]string{nil}, "0 translations and 1 sets"},
		{[]string{"a"}, nil, "1 translations and 0 sets"},
		{[]string{"a"}, [][]string{{"a"}, {"a", "b"}}, "1 translations, and 2 lines in set 2"},
	} {
		if _, err := WMT.Corpus(c.translations, c.references...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

// FuzzSentence: a translation is worth no more than its reference, which is worth
// everything, and its counts are possible ones.
func FuzzSentence(f *testing.F) {
	f.Add("the cat sat on the mat.", "A cat, sat; on 1.5 mats")
	f.Add("", "&amp;lt; \u00a0 -\n")
	f.Fuzz(func(t *testing.T, got, want string) {
		if !utf8.ValidString(got) || !utf8.ValidString(want) {
			return
		}
		for _, m := range []Metric{WMT, Tokenized, {V13a, true}, {Spaces, false}} {
			c := m.Sentence(got, want)
			for n := range Order {
				if c.Match[n] > c.Total[n] || c.Total[n] != max(0, c.Words-n) {
					t.Fatalf("%q against %q: %+v", got, want, c)
				}
			}
			if s := c.Score(); !(s >= 0 && s <= 100+1e-9) { // exp of log loses a few units in the last place
				t.Fatalf("%q against %q: %v", got, want, s)
			}
			if same := m.Sentence(want, want); same.Match != same.Total {
				t.Fatalf("%q against itself: %+v", want, same)
			}
		}
	})
}

func BenchmarkCorpus(b *testing.B) {
	lines := make([]string, 1000)
	for i := range lines {
		lines[i] = "two young , white males are outside near many bushes number " + strconv.Itoa(i)
	}
	for b.Loop() {
		if _, err := WMT.Corpus(lines, lines); err != nil {
			b.Fatal(err)
		}
	}
}
