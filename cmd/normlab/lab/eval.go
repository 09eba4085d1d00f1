package lab

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/normgen/normgen/cmd/normlab/run"
)

// A loaded run is one that was saved, and how its model is asked for.
type loaded struct {
	order
	exchange
	dir     string
	beam    int
	last    bool
	blas    string
	threads int
}

func (l *loaded) bind(fs *flag.FlagSet) {
	fs.StringVar(&l.dir, "run", "", "`directory` of the run")
	fs.BoolVar(&l.last, "last", false, "use the last weights, not those that did best on validation")
	fs.StringVar(&l.blas, "blas", "", "`library` of matrix products (default: the run's)")
	fs.IntVar(&l.threads, "threads", 0, "workers (default: the run's)")
	l.exchange.bind(fs)
	l.bindData(fs)
	l.beam = 1
}

func (l *loaded) bindBeam(fs *flag.FlagSet) {
	fs.IntVar(&l.beam, "beam", 1, "hypotheses of translation; 1 is greedy")
}

// loadRun reads the flags of a command and loads the run that they name. If r is nil
// the command ends with the status.
func (t *tool) loadRun(l *loaded, fs *flag.FlagSet, args []string) (r *run.Run, status exit) {
	l.bind(fs)
	if status, ok := t.parse(fs, args); !ok {
		return nil, status
	}
	if err := noArguments(fs); err != nil {
		return nil, t.fail(err)
	}
	if l.dir == "" {
		return nil, t.fail(errors.New("-run needs the directory of a run"))
	}
	s, err := run.Dir(l.dir).Settings()
	if err != nil {
		return nil, t.fail(err)
	}
	if status, over := t.withSpec(run.Dir(l.dir).Spec(&s)); over {
		return nil, status
	}
	if r, err = t.load(l, s); err != nil {
		return nil, t.fail(err)
	}
	return r, done
}

// load makes the model of a run as it was saved.
func (t *tool) load(l *loaded, s run.Settings) (*run.Run, error) {
	s.Beam = l.beam
	if l.blas != "" {
		s.BLAS = l.blas
	}
	if l.threads != 0 {
		s.Threads = l.threads
	}
	r, err := run.New(s, t.catalogue, l.data)
	if err != nil {
		return nil, err
	}
	if err := l.restore(r, run.Dir(l.dir)); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// eval evaluates a run.
func (t *tool) eval(args []string) exit {
	var l loaded
	fs := flagSet("eval")
	l.bindBeam(fs)
	l.bindJSON(fs)
	part := fs.String("part", "test", "`part` of the corpus: "+strings.Join(run.Parts, ", "))
	batches := fs.Int("batches", 0, "evaluate so many `batches` at most, without BLEU (0: all)")
	r, status := t.loadRun(&l, fs, args)
	if r == nil {
		return status
	}
	defer r.Close()
	if !slices.Contains(run.Parts, *part) {
		return t.fail(fmt.Errorf("no part %q: -part takes %s", *part, strings.Join(run.Parts, ", ")))
	}
	e, err := r.Score(*part, *batches)
	if err != nil {
		return t.fail(err)
	}
	if e.Step = r.Step; !l.last && r.Best.Step > 0 {
		e.Step = r.Best.Step
	}
	if l.json {
		json.NewEncoder(t.stdout).Encode(e)
		return done
	}
	fmt.Fprintf(t.stdout, "step %-6d %s", e.Step, describe(&e, r.Task.Unit()))
	return done
}

// translate translates lines.
func (t *tool) translate(args []string) exit {
	var l loaded
	fs := flagSet("translate")
	l.bindBeam(fs)
	r, status := t.loadRun(&l, fs, args)
	if r == nil {
		return status
	}
	defer r.Close()
	var lines []string
	in := bufio.NewScanner(t.stdin)
	for in.Scan() {
		lines = append(lines, in.Text())
	}
	if err := in.Err(); err != nil {
		return t.fail(err)
	}
	if len(lines) == 0 {
		return done
	}
	out, err := r.TranslateLines(lines)
	if err != nil {
		return t.fail(err)
	}
	for _, line := range out {
		fmt.Fprintln(t.stdout, line)
	}
	return done
}
