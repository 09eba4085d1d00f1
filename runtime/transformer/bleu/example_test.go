package bleu_test

import (
	"fmt"
	"log"

	"github.com/normgen/normgen/runtime/transformer/bleu"
)

func Example() {
	translations := []string{"The cat sat on the mat.", "It rained, and then it stopped."}
	references := []string{"The cat sat on a mat.", "It rained and then it stopped."}
	counts, err := bleu.WMT.Corpus(translations, references)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(counts)
	fmt.Println(bleu.WMT.Signature(1))
	// Output:
	// BLEU = 54.91 86.7/69.2/45.5/33.3 (BP = 1.000 ratio = 1.071 hyp_len = 15 ref_len = 14)
	// nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:normgen.1
}
