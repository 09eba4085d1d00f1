package lab

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"time"

	"github.com/normgen/normgen/cmd/normlab/run"
	"github.com/normgen/normgen/cmd/normlab/sweep"
)

// An order is what a command line of train asks for, besides the settings.
type order struct {
	out, data string
	json      bool
	resume    bool
	save      float64
	hot       bool
}

func (o *order) bind(fs *flag.FlagSet) {
	fs.StringVar(&o.out, "out", "", "`directory` for results (default: runs/ and the task, norm and seed)")
	o.bindData(fs)
	o.bindHot(fs)
	o.bindJSON(fs)
	fs.BoolVar(&o.resume, "resume", false, "go on with the run in -out where it was saved; its settings need not be given again")
	fs.Float64Var(&o.save, "save", 5, "save the run every so many `minutes`, and at the end (0: never)")
}

func (o *order) bindHot(fs *flag.FlagSet) {
	fs.BoolVar(&o.hot, "hot", false, "keep workers spinning between products: faster where no other program wants the cores, slower where one does")
}

func (o *order) bindData(fs *flag.FlagSet) {
	fs.StringVar(&o.data, "data", "", "`folder` of the corpora; only shakespeare needs none")
}

func (o *order) bindJSON(fs *flag.FlagSet) {
	fs.BoolVar(&o.json, "json", false, "print a line of JSON for each logged step and evaluation")
}

func (o *order) check() error {
	switch {
	case o.resume && o.out == "":
		return errors.New("-resume needs the directory of the run: -out")
	case !(o.save >= 0):
		return fmt.Errorf("-save %v: minutes, or 0", o.save)
	}
	return nil
}

// train trains one model.
func (t *tool) train(args []string) exit { return t.trainAs("train", args, "") }

// probe trains one model, and watches its norms.
func (t *tool) probe(args []string) exit { return t.trainAs("probe", args, "first") }

// trainAs is train with a default for what is probed.
func (t *tool) trainAs(name string, args []string, watched string) exit {
	var o order
	s, status, ok := t.settings(name, args, o.bind, &o)
	if !ok {
		return status
	}
	if s.Probe == "" {
		s.Probe = watched
	}
	if err := o.check(); err != nil {
		return t.fail(err)
	}
	spec := s.Spec
	if o.resume {
		spec = run.Dir(o.out).Spec(&s)
	}
	if status, over := t.withSpec(spec); over {
		return status
	}
	result, err := t.trainOne(s, &o)
	if err != nil {
		return t.fail(err)
	}
	if result.Status != run.Done {
		return cut
	}
	return done
}

// trainOne runs the settings in the directory of the order.
func (t *tool) trainOne(s run.Settings, o *order) (*run.Result, error) {
	r, err := run.New(s, t.catalogue, o.data)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	dir := run.Dir(o.out)
	if o.out == "" {
		dir = freeDir(&s, r.Places.String())
	}
	if err := os.MkdirAll(string(dir), 0o755); err != nil {
		return nil, err
	}
	lock, err := dir.Lock()
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if o.resume {
		err = run.Resume(r, dir)
	} else {
		err = dir.Create(r)
	}
	if err != nil {
		return nil, err
	}
	r.Hot = o.hot
	r.SaveTo(dir, time.Duration(o.save*float64(time.Minute)))
	return t.follow(r, dir, o.json)
}

// follow trains a run in its directory, and shows how it goes.
func (t *tool) follow(r *run.Run, dir run.Dir, json bool) (*run.Result, error) {
	show := t.display(r, json)
	defer show.end()
	show.begin(r, dir)
	record, err := dir.Record(r.Step, show)
	if err != nil {
		return nil, err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt does not wait for the step
	result, err := r.Train(ctx, record)
	if err = errors.Join(err, record.Close()); err != nil {
		return nil, err
	}
	if err := dir.Finish(result); err != nil {
		return nil, err
	}
	show.result(result, dir)
	return result, nil
}

// freeDir is a directory below runs that is not there yet, named after the run.
func freeDir(s *run.Settings, norms string) run.Dir {
	stem := filepath.Join("runs", fmt.Sprintf("%s-%s-seed%d", s.Task, sweep.FileOf(norms), s.Seed))
	for dir, n := stem, 2; ; n++ {
		if _, err := os.Stat(dir); err != nil {
			return run.Dir(dir)
		}
		dir = stem + "-" + strconv.Itoa(n)
	}
}
