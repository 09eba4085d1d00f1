package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strconv"
	"strings"
)

// Entries of the metadata.
const (
	formatKey = "format"
	format    = "normgen.1" // of the files that are written
	digestKey = "sha256"
	counter   = "counter."
	note      = "note."
)

// blank stands for the digest while it is computed.
var blank = strings.Repeat("0", 2*sha256.Size)

// A File is a checkpoint that is open for reading. Its header has been checked; its
// data is checked as it is read.
type File struct {
	Tensors  []Info
	Counters map[string]uint64
	Notes    map[string]string

	path   string
	file   source
	prefix []byte // length and header
	digest string // "": the file has none
}

// Open opens a file that [Save] has written.
func Open(path string) (*File, error) {
	data, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	f, err := newFile(path, data, size)
	if err != nil {
		return nil, errors.Join(err, data.Close())
	}
	return f, nil
}

// newFile makes a file of what Save has written.
func newFile(path string, data source, size int64) (*File, error) {
	f, metadata, err := newTensors(path, data, size)
	if err != nil {
		return nil, err
	}
	if err := f.describe(metadata); err != nil {
		return nil, f.wrap(err)
	}
	return f, nil
}

// newTensors makes a file of any data in the safetensors format.
func newTensors(path string, data source, size int64) (*File, map[string]string, error) {
	f := &File{path: path, file: data}
	metadata, err := f.readHeader(uint64(size))
	if err != nil {
		return nil, nil, f.wrap(err)
	}
	return f, metadata, nil
}

// A source is where the bytes of a file are.
type source interface {
	io.ReaderAt
	io.Closer
}

// openRegular does not open a pipe, which would wait for a writer.
func openRegular(path string) (*os.File, int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%s: not a regular file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	if info, err = file.Stat(); err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, info.Size(), nil
}

// Close closes the file.
func (f *File) Close() error { return f.file.Close() }

// data is the number of bytes behind the header.
func (f *File) data() int64 {
	if len(f.Tensors) == 0 {
		return 0
	}
	return int64(f.Tensors[len(f.Tensors)-1].end)
}

func (f *File) wrap(err error) error { return fmt.Errorf("%s: %w", f.path, err) }

// readHeader holds the length of the header against the size of the file before it
// allocates anything.
func (f *File) readHeader(size uint64) (map[string]string, error) {
	var length [8]byte
	if _, err := f.file.ReadAt(length[:], 0); err != nil || size < uint64(len(length)) {
		return nil, fmt.Errorf("the file has %d bytes: it has no header", size)
	}
	n, left := binary.LittleEndian.Uint64(length[:]), size-uint64(len(length))
	switch {
	case n > maxHeader:
		return nil, fmt.Errorf("a header of %d bytes: at most %d are read", n, maxHeader)
	case n > left:
		return nil, fmt.Errorf("a header of %d bytes, of which the file has %d: it is cut off", n, left)
	}
	f.prefix = make([]byte, uint64(len(length))+n)
	if _, err := io.ReadFull(io.NewSectionReader(f.file, 0, int64(len(f.prefix))), f.prefix); err != nil {
		return nil, err
	}
	var metadata map[string]string
	var err error
	f.Tensors, metadata, err = parseHeader(f.prefix[len(length):], left-n)
	return metadata, err
}

// describe reads the entries of the metadata.
func (f *File) describe(metadata map[string]string) error {
	if got := metadata[formatKey]; got != format {
		return fmt.Errorf("the format is %.40q: checkpoints of normgen have %q", got, format)
	}
	f.digest = metadata[digestKey]
	if len(f.digest) != len(blank) {
		return fmt.Errorf("the metadata has no digest of %d digits", len(blank))
	}
	f.Counters, f.Notes = map[string]uint64{}, map[string]string{}
	for key, value := range metadata {
		if name, ok := strings.CutPrefix(key, counter); ok {
			n, err := strconv.ParseUint(value, 10, 64)
			if err != nil {
				return fmt.Errorf("counter %q is %.40q: counters are whole and not negative", name, value)
			}
			f.Counters[name] = n
		} else if name, ok := strings.CutPrefix(key, note); ok {
			f.Notes[name] = value
		} else if key != formatKey && key != digestKey {
			return fmt.Errorf("the metadata has an entry %.80q, which version 1 does not have", key)
		}
	}
	return nil
}

// hashed returns a hash of the file up to its data.
func (f *File) hashed() (hash.Hash, error) {
	h := sha256.New()
	if f.digest == "" {
		return h, nil
	}
	if bytes.Count(f.prefix, []byte(f.digest)) != 1 {
		return nil, errors.New("the digest is not in one place")
	}
	h.Write(bytes.Replace(f.prefix, []byte(f.digest), []byte(blank), 1))
	return h, nil
}

// verify holds the digest against that of what was read.
func (f *File) verify(h hash.Hash) error {
	if f.digest != "" && hex.EncodeToString(h.Sum(nil)) != f.digest {
		return errors.New("the digest of the file is not the one it was written with: it is damaged")
	}
	return nil
}
