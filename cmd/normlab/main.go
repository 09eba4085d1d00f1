// Command normlab trains Transformers with norms chosen by name, and watches what the
// norms do.
//
//	normlab train [-norm PowerNorm:alpha=0.95] [-task shakespeare] [-out dir]
//
// Without flags it trains a small language model with LayerNorm on a text that is
// built in. normlab help lists the other commands. It exits with 0 when done, 1 when a
// run did not come to its end, and 2 for bad usage or input, in which case nothing was
// trained.
package main

import (
	"os"

	"github.com/normgen/normgen/cmd/normlab/lab"
	"github.com/normgen/normgen/generated"
)

func main() {
	os.Exit(lab.Main(generated.Catalogue(), ""))
}
