package run

import (
	"github.com/normgen/normgen/runtime/transformer/checkpoint"
)

// Export writes the weights, and the steps of norms that the table counts, to
// a file for another program.
func (r *Run) Export(path string, names *checkpoint.Table) error {
	return checkpoint.Export(path, checkpoint.State{Tensors: r.weights(), Counters: r.Trainer.Counters()}, names)
}

// Import takes the weights from a file of another program. The run in the directory
// says which vocabulary they are for.
func (r *Run) Import(d Dir, path string, names *checkpoint.Table) error {
	if err := d.sameVocab(r.Task); err != nil {
		return err
	}
	counters := r.Trainer.Counters()
	if err := checkpoint.Import(path, r.weights(), counters, names, r.check); err != nil {
		return err
	}
	return r.Trainer.SetCounters(counters)
}
