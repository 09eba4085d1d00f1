package checkpoint

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/nlpodyssey/safetensors"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer"
)

// Export writes tensors and counters to a file for another program, under the names
// that it has for them. Notes are left out, as are counters that have no counterpart.
// The file is replaced as a whole.
func Export[T runtime.Float](path string, s StateOf[T], table *Table) error {
	var out writer
	if err := out.export(s.Counters, table); err != nil {
		return fmt.Errorf("exporting %s: %w", path, err)
	}
	if err := addTensors(&out, s.Tensors, table); err != nil {
		return fmt.Errorf("exporting %s: %w", path, err)
	}
	// PyTorch's loaders ask which program's tensors these are.
	metadata := map[string]string{formatKey: "pt"}
	return Replace(path, func(w io.Writer) error { return out.write(w, metadata) })
}

// export adds the counters that have a counterpart.
func (w *writer) export(counters []transformer.Counter, table *Table) error {
	for _, c := range counters {
		there := table.name(c.Name)
		if !there.count {
			continue
		}
		value := int64(c.Value) + there.plus
		if c.Value > math.MaxInt64/2 || value < 0 {
			return fmt.Errorf("counter %q is %d, with %+d there: that is no counter", c.Name, c.Value, there.plus)
		}
		if there.shape == nil {
			there.shape = []string{}
		}
		shape, err := there.shaped(nil, 1)
		if err != nil {
			return fmt.Errorf("counter %q: %w", c.Name, err)
		}
		bytes := binary.LittleEndian.AppendUint64(nil, uint64(value))
		if err := w.add(there.name, view{safetensors.I64, shape, 1, func() []byte { return bytes }}); err != nil {
			return err
		}
	}
	return nil
}

// Import reads tensors and counters from a file of another program, by the names that
// it has for them. The file may be any safetensors file; elements of other types are
// rounded to T. It has a tensor for each of those wanted, of the same shape but for
// dimensions of 1, and no others than the table lists as left out. Counters that have
// no counterpart keep their values. As in [Read] nothing is changed if there is an
// error.
func Import[T runtime.Float](path string, tensors []transformer.TensorOf[T], counters []transformer.Counter, table *Table, checks ...Check[T]) error {
	data, size, err := openRegular(path)
	if err != nil {
		return err
	}
	defer data.Close()
	f, _, err := newTensors(path, data, size)
	if err != nil {
		return err
	}
	if err := importFrom(f, tensors, counters, table, checks); err != nil {
		return f.wrap(err)
	}
	return nil
}

func importFrom[T runtime.Float](f *File, tensors []transformer.TensorOf[T], counters []transformer.Counter, table *Table, checks []Check[T]) error {
	l := newLoader[T](f)
	for _, t := range tensors {
		if err := l.take(t, table, checks); err != nil {
			return err
		}
	}
	for i := range counters {
		if err := l.count(&counters[i], table); err != nil {
			return err
		}
	}
	if err := l.unknown(table.omits); err != nil {
		return err
	}
	return l.run()
}

// take plans to read the counterpart of a tensor.
func (l *loader[T]) take(t transformer.TensorOf[T], table *Table, checks []Check[T]) error {
	there := table.name(t.Name)
	i, err := l.find(there.name)
	if err != nil {
		return fmt.Errorf("%w; it would be %q here", err, t.Name)
	}
	if got := l.file.Tensors[i].Shape; !slices.Equal(squeeze(got), squeeze(t.Shape)) {
		return fmt.Errorf("tensor %q has shape %d; that of %q is %d", there.name, got, t.Name, t.Shape)
	}
	return l.tensor(i, t, checks)
}

// squeeze leaves out dimensions of 1.
func squeeze(shape []int) []int {
	return slices.DeleteFunc(slices.Clone(shape), func(n int) bool { return n == 1 })
}

// count plans to read the counterpart of a counter.
func (l *loader[T]) count(c *transformer.Counter, table *Table) error {
	there := table.name(c.Name)
	if !there.count {
		return nil
	}
	i, err := l.find(there.name)
	if err != nil {
		return fmt.Errorf("%w; it would be counter %q here", err, c.Name)
	}
	info := &l.file.Tensors[i]
	if info.dtype != safetensors.I64 || info.elements != 1 {
		return fmt.Errorf("tensor %q has %d elements of %s: a counter has one of I64", info.Name, info.elements, info.Type)
	}
	var value int64
	l.visit[i] = func(chunk []byte) { value = int64(binary.LittleEndian.Uint64(chunk)) }
	l.finish = append(l.finish, func() error {
		if value < 0 || value-there.plus < 0 {
			return fmt.Errorf("tensor %q is %d: a counter is not negative", info.Name, value)
		}
		return nil
	})
	l.commit = append(l.commit, func() { c.Value = uint64(value - there.plus) })
	return nil
}
