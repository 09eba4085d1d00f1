package text_test

import (
	"fmt"
	"log"
	"testing/fstest"

	"github.com/normgen/normgen/runtime/transformer/text"
)

// A language model reads the text that is built in, in windows of 64 characters.
func Example() {
	corpus, err := text.LoadLanguage(nil, text.Shakespeare)
	if err != nil {
		log.Fatal(err)
	}
	reader, err := text.NewStreams(corpus.Train, text.StreamOptions{Rows: 32, Length: 64})
	if err != nil {
		log.Fatal(err)
	}
	var batch text.Batch
	reader.Next(&batch)
	fmt.Println(batch.Sequences, batch.Len, batch.Tokens())
	fmt.Printf("%q\n", corpus.Vocab.Decode(batch.Input[:13]))
	fmt.Println(reader.Batches(), reader.Position())
	// Output:
	// 32 64 2048
	// ["F" "i" "r" "s" "t" " " "C" "i" "t" "i" "z" "e" "n"]
	// 491 {0 1}
}

// A run that was cut goes on at the position that it has kept.
func ExampleReader_Seek() {
	open := func() *text.Reader {
		tokens := make([]int32, 1000)
		r, err := text.NewStreams(tokens, text.StreamOptions{Rows: 2, Length: 10, Order: text.Order{Shuffle: true, Seed: 1}})
		if err != nil {
			log.Fatal(err)
		}
		return r
	}
	var batch text.Batch
	before := open()
	for range 70 {
		before.Next(&batch)
	}
	after := open()
	if err := after.Seek(before.Position()); err != nil {
		log.Fatal(err)
	}
	fmt.Println(after.Position())
	// Output:
	// {1 19}
}

// Words are split by codes that subword-nmt has learnt.
func ExampleBPE() {
	folder := fstest.MapFS{"codes": {Data: []byte("#version: 0.2\ne r</w>\nl o\nlo w\n")}}
	bpe, err := text.ReadBPE(folder, "codes")
	if err != nil {
		log.Fatal(err)
	}
	parts, err := bpe.Split(nil, "lower", "low")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%q\n", parts)
	fmt.Println(text.Join(parts))
	// Output:
	// ["low@@" "er" "lo@@" "w"]
	// lower low
}
