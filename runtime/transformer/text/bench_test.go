package text

import (
	"os"
	"testing"
)

func BenchmarkShakespeare(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := LoadLanguage(nil, Shakespeare); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoad reads corpora of the data folder.
func BenchmarkLoad(b *testing.B) {
	fsys := os.DirFS(dataFolder(b))
	for _, name := range []string{"ptb", "wikitext2"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := LoadLanguage(fsys, name); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	for _, name := range []string{"multi30k", "iwslt14"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := LoadParallel(fsys, name, "de", "en"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEpoch reads an epoch of a million tokens, and plans the next one.
func BenchmarkEpoch(b *testing.B) {
	order := Order{Shuffle: true, Seed: 1}
	streams, err := NewStreams(counting(1e6), StreamOptions{Rows: 32, Length: 64, Order: order})
	if err != nil {
		b.Fatal(err)
	}
	buckets, err := NewBuckets(randomPairs(50000, 39), BucketOptions{Tokens: 4096, Order: order})
	if err != nil {
		b.Fatal(err)
	}
	for name, r := range map[string]*Reader{"streams": streams, "buckets": buckets} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var batch Batch
			for b.Loop() {
				for r.Next(&batch) {
				}
			}
		})
	}
}
