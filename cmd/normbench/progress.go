package main

import (
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress returns a function that says that a race is over, and one that ends
// the display. There is a bar if f is a terminal, else nothing.
func progress(f *os.File, races int) (done func(what string), end func()) {
	if f == nil || !term.IsTerminal(int(f.Fd())) {
		return func(string) {}, func() {}
	}
	bar := progressbar.NewOptions(races, progressbar.OptionSetWriter(f), progressbar.OptionClearOnFinish(),
		progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionSetWidth(30))
	return func(what string) {
		bar.Describe(what)
		bar.Add(1)
	}, func() { bar.Finish() }
}
