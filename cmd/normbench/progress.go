package main

import (
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// A display shows how far the races are: with a bar on a terminal, else not at
// all.
type display struct{ bar *progressbar.ProgressBar }

// show starts a display of so many races on f.
func show(f *os.File, races int) display {
	if f == nil || !term.IsTerminal(int(f.Fd())) {
		return display{}
	}
	return display{progressbar.NewOptions(races, progressbar.OptionSetWriter(f), progressbar.OptionClearOnFinish(),
		progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionSetWidth(30))}
}

// done says that a race is over.
func (d display) done(what string) {
	if d.bar != nil {
		d.bar.Describe(what)
		d.bar.Add(1)
	}
}

// clear takes the bar away, for other text; done brings it back.
func (d display) clear() {
	if d.bar != nil {
		d.bar.Clear()
	}
}
