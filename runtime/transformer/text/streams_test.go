package text

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// counting is a text whose tokens are their places.
func counting(n int) []int32 {
	tokens := make([]int32, n)
	for i := range tokens {
		tokens[i] = int32(i)
	}
	return tokens
}

func read(t testing.TB, r *Reader) *Batch {
	t.Helper()
	var b Batch
	if !r.Next(&b) {
		t.Fatal("the epoch is over")
	}
	return &b
}

// TestStreamsLayout writes out a whole epoch: eight targets in three streams.
func TestStreamsLayout(t *testing.T) {
	r, err := NewStreams(counting(9), StreamOptions{Rows: 3, Length: 2})
	if err != nil {
		t.Fatal(err)
	}
	if n := r.Batches(); n != 2 {
		t.Fatalf("%d batches", n)
	}
	b := read(t, r)
	if diff := cmp.Diff([]int32{0, 1, 3, 4, 6, 7}, b.Input); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int32{1, 2, 4, 5, 7, 8}, b.Target); diff != "" {
		t.Error(diff)
	}
	b = read(t, r) // the third stream has two targets only
	if b.Sequences != 2 || b.Len != 1 || b.Tokens() != 2 {
		t.Errorf("%d sequences of %d, %d targets", b.Sequences, b.Len, b.Tokens())
	}
	if diff := cmp.Diff([]int32{2, 5}, b.Input); diff != "" {
		t.Error(diff)
	}
	if r.Next(b) {
		t.Error("the epoch does not end")
	}
}

// TestStreamsCover: whatever the sizes, every token but the first is a target once,
// behind the token before it, and rows are never all padding.
func TestStreamsCover(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 500 {
		tokens := counting(2 + random.IntN(60))
		o := StreamOptions{Rows: 1 + random.IntN(len(tokens)-1), Length: 1 + random.IntN(9)}
		o.Shuffle, o.Seed = random.IntN(2) == 1, random.Uint64()
		r, err := NewStreams(tokens, o)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			least := 1
			if o.Shuffle {
				least = o.Length // at most Length-1 are left out at the start
			}
			checkStreams(t, r, len(tokens), least, fmt.Sprintf("%d tokens, %+v", len(tokens), o))
		}
	}
}

// checkStreams reads an epoch. Targets below least may be missing.
func checkStreams(t *testing.T, r *Reader, n, least int, about string) {
	t.Helper()
	times := make([]int, n)
	var b Batch
	batches := r.Batches()
	for r.Next(&b) {
		batches--
		for i, target := range b.Target {
			if !b.Keep[i] {
				if target != Ignore || b.Input[i] != Pad {
					t.Fatalf("%s: padding is token %d with target %d", about, b.Input[i], target)
				}
				continue
			}
			if target != b.Input[i]+1 {
				t.Fatalf("%s: target %d follows %d", about, target, b.Input[i])
			}
			times[target]++
		}
		for s := range b.Sequences {
			if !b.Keep[s*b.Len] {
				t.Fatalf("%s: a row of padding", about)
			}
		}
	}
	if batches != 0 {
		t.Fatalf("%s: %d batches are missing", about, batches)
	}
	for target, k := range times {
		if k > 1 || k == 0 && target >= least {
			t.Fatalf("%s: token %d is a target %d times", about, target, k)
		}
	}
}

func TestStreamsRefused(t *testing.T) {
	for _, c := range []struct {
		tokens, rows, length int
		want                 string
	}{
		{0, 1, 1, "a text of 0 tokens cannot be cut into 1 streams"},
		{1, 1, 1, "a text of 1 tokens cannot be cut into 1 streams"},
		{3, 3, 1, "a text of 3 tokens cannot be cut into 3 streams"},
		{3, 0, 1, "0 streams of windows of 1 tokens"},
		{3, 1, 0, "1 streams of windows of 0 tokens"},
	} {
		_, err := NewStreams(counting(c.tokens), StreamOptions{Rows: c.rows, Length: c.length})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

// TestReaderSeek: from any position a new reader goes on as the first one did.
func TestReaderSeek(t *testing.T) {
	pairs := randomPairs(200, 20)
	order := Order{Shuffle: true, Seed: 5}
	for name, make := range map[string]func() (*Reader, error){
		"streams": func() (*Reader, error) {
			return NewStreams(counting(500), StreamOptions{Rows: 4, Length: 7, Order: order})
		},
		"buckets": func() (*Reader, error) { return NewBuckets(pairs, BucketOptions{Tokens: 90, Order: order}) },
	} {
		t.Run(name, func(t *testing.T) {
			all := must(t, make)
			var want, got Batch
			for all.Position().Epoch < 3 {
				at := all.Position()
				r := must(t, make)
				if err := r.Seek(at); err != nil {
					t.Fatal(err)
				}
				if a, b := all.Next(&want), r.Next(&got); a != b {
					t.Fatalf("at %+v one epoch is over", at)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("at %+v: %s", at, diff)
				}
				if all.Position() != r.Position() {
					t.Fatalf("after %+v: at %+v and %+v", at, all.Position(), r.Position())
				}
			}
		})
	}
}

func must(t *testing.T, make func() (*Reader, error)) *Reader {
	t.Helper()
	r, err := make()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestReaderSeekRefused: the reader stays where it is.
func TestReaderSeekRefused(t *testing.T) {
	open := func() (*Reader, error) {
		return NewStreams(counting(100), StreamOptions{Rows: 1, Length: 10, Order: Order{Shuffle: true}})
	}
	r, same := must(t, open), must(t, open)
	read(t, r)
	read(t, same)
	for _, p := range []Position{{-1, 0}, {0, -1}, {1, 11}} {
		if err := r.Seek(p); err == nil {
			t.Errorf("position %+v is there", p)
		}
	}
	if diff := cmp.Diff(read(t, same), read(t, r)); diff != "" {
		t.Error(diff)
	}
}

// TestReaderSeeds: seeds and epochs give orders of their own, the same seed the same.
func TestReaderSeeds(t *testing.T) {
	pairs := randomPairs(300, 20)
	epoch := func(seed uint64, epoch int) (order []int) {
		r, err := NewBuckets(pairs, BucketOptions{Tokens: 60, Order: Order{Shuffle: true, Seed: seed}})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Seek(Position{Epoch: epoch}); err != nil {
			t.Fatal(err)
		}
		var b Batch
		for r.Next(&b) {
			order = append(order, b.Pairs...)
		}
		return order
	}
	first := epoch(1, 0)
	if !slices.Equal(first, epoch(1, 0)) {
		t.Error("one seed gives two orders")
	}
	if slices.Equal(first, epoch(2, 0)) || slices.Equal(first, epoch(1, 1)) {
		t.Error("other seeds or epochs give the same order")
	}
}

// TestReaderAllocations: after the first epoch reading a batch allocates nothing.
func TestReaderAllocations(t *testing.T) {
	order := Order{Shuffle: true, Seed: 1}
	streams, err := NewStreams(counting(10000), StreamOptions{Rows: 4, Length: 7, Order: order})
	if err != nil {
		t.Fatal(err)
	}
	buckets, err := NewBuckets(randomPairs(2000, 20), BucketOptions{Tokens: 100, Order: order})
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*Reader{"streams": streams, "buckets": buckets} {
		var b Batch
		r.Next(&b)
		if n := testing.AllocsPerRun(100, func() { r.Next(&b) }); n != 0 {
			t.Errorf("%s: %v allocations a batch", name, n)
		}
	}
}
