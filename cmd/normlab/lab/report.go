package lab

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/normgen/normgen/cmd/normlab/report"
)

// report writes a page about sweeps and runs.
func (t *tool) report(args []string) exit {
	fs := flagSet("report")
	out := fs.String("out", "report", "`directory` for the page, its figures and runs.csv")
	if status, ok := t.parse(fs, args); !ok {
		return status
	}
	if fs.NArg() == 0 {
		return t.fail(errors.New("report takes the directories of sweeps or runs: normlab report [-out dir] dir [dir]"))
	}
	var groups []*report.Group
	for _, dir := range fs.Args() {
		g, err := report.Load(dir)
		if err != nil {
			return t.fail(err)
		}
		groups = append(groups, g)
	}
	if err := report.Write(*out, groups); err != nil {
		return t.fail(err)
	}
	fmt.Fprintln(t.stdout, filepath.Join(*out, report.FileName))
	return done
}
