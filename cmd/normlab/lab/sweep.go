package lab

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"text/tabwriter"

	"github.com/normgen/normgen/cmd/normlab/run"
	"github.com/normgen/normgen/cmd/normlab/sweep"
)

// A sweeping is what a command line of sweep asks for.
type sweeping struct {
	order
	dry, keep bool
	blas      string
	minutes   float64
	steps     int
}

func (o *sweeping) bind(fs *flag.FlagSet) {
	fs.StringVar(&o.out, "out", "", "`directory` for the runs (default: runs/ and the name of the file)")
	fs.BoolVar(&o.dry, "n", false, "train nothing; list the runs and what is done")
	fs.BoolVar(&o.keep, "keep", false, "keep the checkpoints of runs that are done")
	fs.Float64Var(&o.save, "save", 2, "save the run at hand every so many `minutes`")
	fs.StringVar(&o.blas, "blas", "", "`library` of matrix products, instead of the file's")
	fs.Float64Var(&o.minutes, "minutes", 0, "minutes of each run, instead of the file's")
	fs.IntVar(&o.steps, "steps", 0, "steps of each run, instead of the file's; of its batch, if tokens are equal")
	o.bindHot(fs)
	o.bindData(fs)
	o.bindJSON(fs)
}

// sweep trains the runs of a file that are not done yet.
func (t *tool) sweep(args []string) exit {
	var o sweeping
	fs := flagSet("sweep")
	o.bind(fs)
	if status, ok := t.parse(fs, args); !ok {
		return status
	}
	if fs.NArg() != 1 {
		return t.fail(errors.New("sweep takes one file: normlab sweep [flags] file.json"))
	}
	s, err := sweep.Read(fs.Arg(0))
	if err != nil {
		return t.fail(err)
	}
	if err := errors.Join(o.check(), s.Change(o.change)); err != nil {
		return t.fail(err)
	}
	if status, over := t.withSpec(s.Base().Spec); over {
		return status
	}
	if o.out == "" {
		o.out = filepath.Join("runs", stem(fs.Arg(0)))
	}
	if o.dry {
		t.listCells(s, &o)
		return done
	}
	if err := s.Save(o.out); err != nil {
		return t.fail(err)
	}
	return t.runCells(s, &o)
}

func stem(name string) string {
	base := filepath.Base(name)
	return base[:len(base)-len(filepath.Ext(base))]
}

// change makes the settings of the file those that the command line asks for.
func (o *sweeping) change(s *run.Settings) {
	if o.blas != "" {
		s.BLAS = o.blas
	}
	if o.minutes != 0 {
		s.Minutes = o.minutes
	}
	if o.steps != 0 {
		s.Steps = o.steps
	}
}

// dir is that of a cell.
func (o *sweeping) dir(c sweep.Cell) run.Dir { return run.Dir(filepath.Join(o.out, c.Name)) }

// runCells trains what is not done. A run that fails does not keep the others back.
func (t *tool) runCells(s *sweep.Sweep, o *sweeping) exit {
	cells := s.Cells()
	var failures []error
	for i, c := range cells {
		dir := o.dir(c)
		if _, err := dir.Result(); err == nil {
			continue
		}
		fmt.Fprintf(t.stderr, "run %d of %d: %s\n", i+1, len(cells), dir)
		stopped, err := t.runCell(c, o)
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", c.Name, err))
		}
		if stopped {
			fmt.Fprintf(t.stderr, "stopped: the same command goes on here\n")
			return cut
		}
	}
	if err := errors.Join(failures...); err != nil {
		t.fail(err)
		return cut
	}
	fmt.Fprintf(t.stderr, "all %d runs are done: normlab report -out DIR %s\n", len(cells), o.out)
	return done
}

// runCell trains one run, or goes on with it.
func (t *tool) runCell(c sweep.Cell, o *sweeping) (stopped bool, err error) {
	one := o.order
	one.out = string(o.dir(c))
	one.resume = o.dir(c).Exists()
	r, err := t.trainOne(c.Settings, &one)
	if err != nil || r.Status == run.Stopped {
		return err == nil, err
	}
	if o.keep {
		return false, nil
	}
	return false, o.dir(c).RemoveCheckpoint()
}

// listCells lists the runs and what is done.
func (t *tool) listCells(s *sweep.Sweep, o *sweeping) {
	w := tabwriter.NewWriter(t.stdout, 0, 0, 2, ' ', 0)
	minutes := 0.0
	for _, c := range s.Cells() {
		state := "to do"
		if r, err := o.dir(c).Result(); err == nil {
			state = fmt.Sprintf("%s after %d steps", r.Status, r.Steps)
		} else {
			if o.dir(c).Exists() {
				state = "begun"
			}
			minutes += c.Settings.Minutes
		}
		fmt.Fprintf(w, "%s\t%s\n", c.Name, state)
	}
	w.Flush()
	if minutes > 0 {
		fmt.Fprintf(t.stdout, "%.0f minutes of training to do at most\n", minutes)
	}
}
