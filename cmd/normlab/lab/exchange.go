package lab

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"

	"github.com/normgen/normgen/cmd/normlab/run"
	"github.com/normgen/normgen/runtime/transformer/checkpoint"
)

// An exchange says what another program calls the weights.
type exchange struct {
	weights, names string
}

func (e *exchange) bind(set *flag.FlagSet) {
	set.StringVar(&e.weights, "weights", "", "take the weights from this safetensors `file` of another program, not from the run's checkpoint")
	set.StringVar(&e.names, "names", "", "`table` of the names that the other program has: lines such as \"*.gamma *.weight\" (default: the same names)")
}

// table reads the table; nil: all names are the same.
func (e *exchange) table() (*checkpoint.Table, error) {
	if e.names == "" {
		return nil, nil
	}
	text, err := os.ReadFile(e.names)
	if err != nil {
		return nil, err
	}
	table, err := checkpoint.ParseTable(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.names, err)
	}
	return table, nil
}

// restore gives a run its weights: the other program's, or those that it saved in d.
func (l *loaded) restore(r *run.Run, d run.Dir) error {
	if l.weights != "" {
		table, err := l.table()
		if err != nil {
			return err
		}
		return r.Import(d, l.weights, table)
	}
	if err := r.Load(d); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s has no checkpoint: the run was not saved (%w)", l.dir, err)
	} else if err != nil {
		return err
	}
	if !l.last {
		r.SwapBest()
	}
	return nil
}

// export writes weights for another program.
func (t *tool) export(args []string) exit {
	var l loaded
	set := flagSet("export")
	out := set.String("out", "", "`file` to write, in the safetensors format")
	r, status := t.loadRun(&l, set, args)
	if r == nil {
		return status
	}
	defer r.Close()
	if *out == "" {
		return t.fail(errors.New("-out needs the name of a file"))
	}
	table, err := l.table()
	if err == nil {
		err = r.Export(*out, table)
	}
	if err != nil {
		return t.fail(err)
	}
	return done
}
