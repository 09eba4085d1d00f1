package text

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// randomPairs are n pairs of 1 to most tokens a side, whose lengths go together.
func randomPairs(n, most int) *Pairs {
	random := rand.New(rand.NewPCG(2, uint64(n)))
	p := &Pairs{}
	for i := range n {
		length := 1 + random.IntN(most)
		other := min(max(1, length+random.IntN(7)-3), most)
		p.Source = append(p.Source, sentence(random, length))
		p.Target = append(p.Target, sentence(random, other))
		p.Text = append(p.Text, fmt.Sprint(i))
	}
	return p
}

func sentence(random *rand.Rand, n int) []int32 {
	s := make([]int32, n)
	for i := range s {
		s[i] = Unknown + 1 + random.Int32N(50)
	}
	return s
}

func TestBucketsLayout(t *testing.T) {
	p := &Pairs{
		Source: [][]int32{{10, 11}, {12}},
		Target: [][]int32{{20}, {21, 22}},
		Text:   []string{"a", "b"},
	}
	r, err := NewBuckets(p, BucketOptions{Tokens: 6})
	if err != nil {
		t.Fatal(err)
	}
	got := read(t, r)
	var want Batch
	want.Pairs, want.Sequences = []int{1, 0}, 2
	want.SourceLen, want.Len = 3, 3
	want.Source = []int32{12, End, Pad, 10, 11, End}
	want.SourceKeep = []bool{true, true, false, true, true, true}
	want.Input = []int32{Start, 21, 22, Start, 20, Pad}
	want.Target = []int32{21, 22, End, 20, End, Ignore}
	want.Keep = []bool{true, true, true, true, true, false}
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Error(diff)
	}
}

// TestBucketsCover: whatever the sizes, every pair is in one batch as it was given,
// and no batch is larger than allowed.
func TestBucketsCover(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	for range 200 {
		p := randomPairs(1+random.IntN(60), 12)
		o := BucketOptions{Tokens: 13 + random.IntN(60), Rows: random.IntN(5)}
		o.Shuffle, o.Seed = random.IntN(2) == 1, random.Uint64()
		r, err := NewBuckets(p, o)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			times := make([]int, p.Len())
			var b Batch
			for r.Next(&b) {
				if n := b.Sequences * max(b.SourceLen, b.Len); n > o.Tokens || o.Rows > 0 && b.Sequences > o.Rows {
					t.Fatalf("%+v: a batch of %d sequences of %d and %d", o, b.Sequences, b.SourceLen, b.Len)
				}
				for row, i := range b.Pairs {
					times[i]++
					checkRow(t, &b, row, p.Source[i], p.Target[i])
				}
			}
			for i, n := range times {
				if n != 1 {
					t.Fatalf("%+v: pair %d is read %d times", o, i, n)
				}
			}
		}
	}
}

func checkRow(t *testing.T, b *Batch, row int, source, target []int32) {
	t.Helper()
	kept := func(tokens []int32, keep []bool) (out []int32) {
		for i, k := range keep {
			if k {
				out = append(out, tokens[i])
			} else if tokens[i] != Pad && tokens[i] != Ignore {
				t.Fatalf("padding is token %d", tokens[i])
			}
		}
		return out
	}
	s, i := row*b.SourceLen, row*b.Len
	if diff := cmp.Diff(append(append([]int32{}, source...), End), kept(b.Source[s:][:b.SourceLen], b.SourceKeep[s:][:b.SourceLen])); diff != "" {
		t.Fatal("source: ", diff)
	}
	if diff := cmp.Diff(append([]int32{Start}, target...), kept(b.Input[i:][:b.Len], b.Keep[i:][:b.Len])); diff != "" {
		t.Fatal("input: ", diff)
	}
	if diff := cmp.Diff(append(append([]int32{}, target...), End), kept(b.Target[i:][:b.Len], b.Keep[i:][:b.Len])); diff != "" {
		t.Fatal("target: ", diff)
	}
}

// TestBucketsPadding: sorting by length is what makes buckets worth their name. In
// random order about half of a batch of these lengths would be padding.
func TestBucketsPadding(t *testing.T) {
	r, err := NewBuckets(randomPairs(5000, 40), BucketOptions{Tokens: 1000, Order: Order{Shuffle: true}})
	if err != nil {
		t.Fatal(err)
	}
	var b Batch
	all, kept := 0, 0
	for r.Next(&b) {
		all += len(b.Input)
		kept += b.Tokens()
	}
	if share := 1 - float64(kept)/float64(all); share > 0.15 {
		t.Errorf("%.0f %% of the targets are padding", 100*share)
	}
}

func TestBucketsRefused(t *testing.T) {
	p := &Pairs{Source: [][]int32{{4}, {4, 5, 6}}, Target: [][]int32{{4}, {5}}, Text: []string{"a", "b"}}
	for _, c := range []struct {
		pairs *Pairs
		o     BucketOptions
		want  string
	}{
		{p, BucketOptions{Tokens: 3}, "sentence 2 has 4 tokens and a batch at most 3"},
		{p, BucketOptions{}, "batches of 0 tokens"},
		{p, BucketOptions{Tokens: 9, Rows: -1}, "-1 sentences"},
		{&Pairs{}, BucketOptions{Tokens: 9}, "there are no sentences"},
	} {
		if _, err := NewBuckets(c.pairs, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	short := p.Limit(3)
	if _, err := NewBuckets(&short, BucketOptions{Tokens: 3}); err != nil || short.Len() != 1 || short.Text[0] != "a" {
		t.Errorf("%d pairs are short: %v", short.Len(), err)
	}
}
