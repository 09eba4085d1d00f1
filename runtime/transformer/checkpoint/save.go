package checkpoint

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/nlpodyssey/safetensors"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer"
)

// A StateOf is what a run goes on from.
type StateOf[T runtime.Float] struct {
	Tensors  []transformer.TensorOf[T]
	Counters []transformer.Counter
	Notes    map[string]string
}

// State is what a run over float32 goes on from.
type State = StateOf[float32]

// Save writes a state to a file, which it replaces as a whole. It is an error if two
// tensors or two counters have one name, or if a tensor has not as many elements as
// its shape says.
func Save[T runtime.Float](path string, s StateOf[T]) error {
	content, err := s.content()
	if err != nil {
		return fmt.Errorf("saving %s: %w", path, err)
	}
	return Replace(path, content)
}

// content returns what writes the file of a state.
func (s *StateOf[T]) content() (func(io.Writer) error, error) {
	var out writer
	if err := addTensors(&out, s.Tensors, nil); err != nil {
		return nil, err
	}
	metadata, err := s.metadata()
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	if err := out.write(sum, metadata); err != nil {
		return nil, err
	}
	metadata[digestKey] = hex.EncodeToString(sum.Sum(nil))
	return func(w io.Writer) error { return out.write(w, metadata) }, nil
}

// metadata has a blank in place of the digest.
func (s *StateOf[T]) metadata() (map[string]string, error) {
	m := map[string]string{formatKey: format, digestKey: blank}
	for _, c := range s.Counters {
		key := counter + c.Name
		if _, ok := m[key]; ok {
			return nil, fmt.Errorf("two counters are called %q", c.Name)
		}
		m[key] = strconv.FormatUint(c.Value, 10)
	}
	for name, text := range s.Notes {
		m[note+name] = text
	}
	for key, text := range m {
		if len(key) > maxName {
			return nil, fmt.Errorf("the name %.40q has %d bytes: at most %d are read", key, len(key), maxName)
		}
		if !utf8.ValidString(key) || !utf8.ValidString(text) {
			return nil, fmt.Errorf("%.40q is not UTF-8 throughout: names and notes are", key)
		}
	}
	return m, nil
}

// A writer writes tensors in the safetensors format.
type writer struct {
	tensors map[string]view
	scratch []byte
}

// A view is a tensor as safetensors sees it. The bytes it returns are valid until
// the next view's: safetensors writes each before it asks for another.
type view struct {
	dtype    safetensors.DType
	shape    []uint64
	elements int
	encode   func() []byte
}

func (v view) DType() safetensors.DType { return v.dtype }
func (v view) Shape() []uint64          { return v.shape }
func (v view) DataLen() uint64          { return uint64(v.elements) * v.dtype.Size() }
func (v view) Data() []byte             { return v.encode() }

// add checks a tensor and its name.
func (w *writer) add(name string, v view) error {
	if w.tensors == nil {
		w.tensors = map[string]view{}
	}
	if name == "" || name == "__metadata__" || len(name) > maxName || !utf8.ValidString(name) {
		return fmt.Errorf("%.40q is no name for a tensor: it has 1 to %d bytes of UTF-8", name, maxName)
	}
	if _, ok := w.tensors[name]; ok {
		return fmt.Errorf("two tensors are called %q", name)
	}
	info := safetensors.TensorInfo{DType: v.dtype, Shape: v.shape, DataOffsets: [2]uint64{0, v.DataLen()}}
	if _, err := newInfo(name, &info); err != nil {
		return fmt.Errorf("tensor %q: %w", name, err)
	}
	w.tensors[name] = v
	return nil
}

// addTensors adds tensors by their names in a table.
func addTensors[T runtime.Float](w *writer, tensors []transformer.TensorOf[T], table *Table) error {
	for _, t := range tensors {
		there := table.name(t.Name)
		shape, err := there.shaped(t.Shape, len(t.Data))
		if err != nil {
			return fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		err = w.add(there.name, view{dtypeOf[T](), shape, len(t.Data), func() []byte {
			w.scratch = encode(w.scratch[:0], t.Data)
			return w.scratch
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

// write writes the file.
func (w *writer) write(to io.Writer, metadata map[string]string) error {
	out := bufio.NewWriterSize(&limiter{to: to}, 1<<16)
	if err := safetensors.SerializeToWriter(w.tensors, metadata, out); err != nil {
		return err
	}
	return out.Flush()
}

// A limiter refuses a file whose header would not be read again. The first write has
// the length of the header.
type limiter struct {
	to   io.Writer
	seen bool
}

func (l *limiter) Write(p []byte) (int, error) {
	if !l.seen {
		l.seen = true
		if n := binary.LittleEndian.Uint64(p); n > maxHeader {
			return 0, fmt.Errorf("names and notes need a header of %d bytes: at most %d are read", n, maxHeader)
		}
	}
	return l.to.Write(p)
}
