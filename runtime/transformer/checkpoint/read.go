package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer"
)

// A Check reports what is wrong with the values of a tensor, such as a variance
// below 0.
type Check[T runtime.Float] func(name string, values []T) error

// Read reads the tensors of a file into memory. The file has those tensors and no
// others, with their types and shapes. The checks, and the digest of the file, come
// before the first element is written: on an error the memory is as it was. Once
// Read has returned the file has been read to its end.
func Read[T runtime.Float](f *File, into []transformer.TensorOf[T], checks ...Check[T]) error {
	if err := read(f, into, checks); err != nil {
		return f.wrap(err)
	}
	return nil
}

func read[T runtime.Float](f *File, into []transformer.TensorOf[T], checks []Check[T]) error {
	l := newLoader[T](f)
	for _, t := range into {
		i, err := l.find(t.Name)
		if err != nil {
			return err
		}
		info := &f.Tensors[i]
		if info.dtype != dtypeOf[T]() {
			return fmt.Errorf("tensor %q has elements of %s, and those here are %s", t.Name, info.Type, dtypeOf[T]())
		}
		if !slices.Equal(info.Shape, t.Shape) {
			return fmt.Errorf("tensor %q has shape %d, and that here is %d", t.Name, info.Shape, t.Shape)
		}
		if err := l.tensor(i, t, checks); err != nil {
			return err
		}
	}
	if err := l.unknown(nil); err != nil {
		return err
	}
	return l.run()
}

// A loader reads the data of a file once, and changes no memory before all of it has
// been read and checked.
type loader[T runtime.Float] struct {
	file   *File
	number map[string]int // of the tensors
	visit  []func(chunk []byte)
	finish []func() error // checks
	commit []func()
}

func newLoader[T runtime.Float](f *File) *loader[T] {
	l := &loader[T]{file: f, number: map[string]int{}, visit: make([]func([]byte), len(f.Tensors))}
	for i, t := range f.Tensors {
		l.number[t.Name] = i
	}
	return l
}

// find is the number of a tensor that nothing has been said about yet.
func (l *loader[T]) find(name string) (int, error) {
	i, ok := l.number[name]
	switch {
	case !ok:
		return 0, fmt.Errorf("tensor %q is missing", name)
	case l.visit[i] != nil:
		return 0, fmt.Errorf("tensor %q is wanted twice", name)
	}
	return i, nil
}

// tensor plans to read tensor i into memory of as many elements.
func (l *loader[T]) tensor(i int, into transformer.TensorOf[T], checks []Check[T]) error {
	info := &l.file.Tensors[i]
	if info.elements != len(into.Data) {
		return fmt.Errorf("tensor %q has %d elements, and there is memory for %d", info.Name, info.elements, len(into.Data))
	}
	decode, err := decoderOf[T](info.dtype)
	if err != nil {
		return fmt.Errorf("tensor %q: %w", info.Name, err)
	}
	size := int(info.dtype.Size())
	var values []T // made when the file gets there
	n := 0
	l.visit[i] = func(chunk []byte) {
		if values == nil {
			values = make([]T, info.elements)
		}
		decode(values[n:n+len(chunk)/size], chunk)
		n += len(chunk) / size
	}
	l.finish = append(l.finish, func() error {
		for _, check := range checks {
			if err := check(into.Name, values); err != nil {
				return fmt.Errorf("tensor %q: %w", info.Name, err)
			}
		}
		return nil
	})
	l.commit = append(l.commit, func() { copy(into.Data, values) })
	return nil
}

// unknown wants something to have been said about all tensors but those left out.
func (l *loader[T]) unknown(left func(name string) bool) error {
	for i, t := range l.file.Tensors {
		if l.visit[i] != nil {
			continue
		}
		if left == nil || !left(t.Name) {
			return fmt.Errorf("tensor %q is not known here", t.Name)
		}
		l.visit[i] = func([]byte) {}
	}
	return nil
}

// run reads the data.
func (l *loader[T]) run() error {
	sum, err := l.file.hashed()
	if err != nil {
		return err
	}
	data := io.TeeReader(io.NewSectionReader(l.file.file, int64(len(l.file.prefix)), l.file.data()), sum)
	buffer := make([]byte, 1<<16) // whole elements of every type
	for i, t := range l.file.Tensors {
		for left := t.end - t.begin; left > 0; {
			chunk := buffer[:min(left, uint64(len(buffer)))]
			if _, err := io.ReadFull(data, chunk); err != nil {
				return fmt.Errorf("tensor %q: %w", t.Name, err)
			}
			l.visit[i](chunk)
			left -= uint64(len(chunk))
		}
	}
	if err := l.file.verify(sum); err != nil {
		return err
	}
	var failed []error
	for _, check := range l.finish {
		failed = append(failed, check())
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	for _, commit := range l.commit {
		commit()
	}
	return nil
}
