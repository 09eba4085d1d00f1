// Write prints the programs of package elementary as Go for package runtime.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/normgen/normgen/gen/elementary"
)

func main() {
	out := flag.String("o", "elementary_gen.go", "the file to write")
	flag.Parse()
	if err := source("runtime", elementary.Float32, elementary.Float64).Save(*out); err != nil {
		fmt.Fprintln(os.Stderr, "write:", err)
		os.Exit(1)
	}
}
