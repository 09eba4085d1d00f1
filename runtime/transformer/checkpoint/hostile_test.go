package checkpoint

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/normgen/normgen/runtime/transformer"
	"github.com/normgen/normgen/testdata/gates"
)

// Bounds of the gate on one hostile file.
const (
	maxGrowth = 64 << 20
	maxTime   = time.Second
)

// ram is a file in memory.
type ram struct{ *bytes.Reader }

func (ram) Close() error { return nil }

// readOwn reads what Save has written into memory for tensors.
func readOwn(data []byte, tensors []transformer.Tensor) error {
	f, err := newFile("run", ram{bytes.NewReader(data)}, int64(len(data)))
	if err != nil {
		return err
	}
	return Read(f, tensors)
}

// readOther reads any safetensors file.
func readOther(data []byte, tensors []transformer.Tensor) error {
	f, _, err := newTensors("run", ram{bytes.NewReader(data)}, int64(len(data)))
	if err != nil {
		return err
	}
	return importFrom(f, tensors, nil, nil, nil)
}

// bounded runs f and reports what it took: bytes allocated, freed or not, and time.
func bounded(f func()) (uint64, time.Duration) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	took := gates.Spent(f)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, took
}

// TestGate21HostileFiles: files of every kind are refused for what is wrong with
// them, in bounded time and memory, and change nothing.
func TestGate21HostileFiles(t *testing.T) {
	g := gates.Open(t, 21, "hostile checkpoints of every kind")
	var most uint64
	var longest time.Duration
	count := 0
	try := func(name string, read func([]byte, []transformer.Tensor) error, data []byte, want string) {
		t.Run(name, func(t *testing.T) {
			into := []transformer.Tensor{{Name: "w", Shape: []int{2}, Data: []float32{5, 6}}}
			var err error
			bytes, took := bounded(func() { err = read(data, into) })
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
			if err != nil && len(err.Error()) > 4096 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			if into[0].Data[0] != 5 || into[0].Data[1] != 6 {
				t.Errorf("the memory is %v", into[0].Data)
			}
			if bytes > maxGrowth || took > maxTime {
				t.Errorf("%d bytes allocated in %v", bytes, took)
			}
			most, longest, count = max(most, bytes), max(longest, took), count+1
		})
	}
	for _, h := range hostile {
		try("own "+h.name, readOwn, h.data, h.want)
		try("other "+h.name, readOther, h.data, h.want)
	}
	for _, h := range unfit {
		try(h.name, readOther, h.data, h.want)
	}
	for _, h := range notOurs {
		try(h.name, readOwn, h.data, h.want)
	}
	g.Figure("%d files refused, at most %.1f MiB allocated, %v", count, float64(most)/(1<<20), longest.Round(time.Microsecond))
}

// TestGate21Truncated: no part of a file is taken for the file.
func TestGate21Truncated(t *testing.T) {
	g := gates.Open(t, 21, "every truncation of a checkpoint")
	whole := contents(t, save(t, small()))
	if err := readOwn(whole, zeroed(small().Tensors)); err != nil {
		t.Fatal(err)
	}
	for n := range len(whole) {
		into := zeroed(small().Tensors)
		if err := readOwn(whole[:n:n], into); err == nil || !sameBits(into, zeroed(into)) {
			t.Errorf("%d of %d bytes are read: %v", n, len(whole), err)
		}
	}
	g.Figure("%d truncations refused", len(whole))
}

// TestGate21Flips: no change of a byte goes unnoticed.
func TestGate21Flips(t *testing.T) {
	g := gates.Open(t, 21, "single bytes of a checkpoint changed")
	whole := contents(t, save(t, small()))
	random := rand.New(rand.NewPCG(21, 1))
	const flips = 10000
	for range flips {
		data := bytes.Clone(whole)
		at, by := random.IntN(len(data)), byte(1+random.IntN(255))
		data[at] ^= by
		into := zeroed(small().Tensors)
		if err := readOwn(data, into); err == nil || !sameBits(into, zeroed(into)) {
			t.Errorf("byte %d changed by %#x is read: %v", at, by, err)
		}
		_ = readOther(data, into) // must not panic; without a digest some are read
	}
	g.Figure("%d changes refused", flips)
}

// TestGate21Sparse: a file of a terabyte, which takes no place on disk, is refused
// for its shape before its data is looked at.
func TestGate21Sparse(t *testing.T) {
	g := gates.Open(t, 21, "a sparse checkpoint of 1 TiB")
	path := filepath.Join(t.TempDir(), "run")
	header := `{"w":{"dtype":"F32","shape":[524288,524288],"data_offsets":[0,1099511627776]}}`
	if err := os.WriteFile(path, file(header, ""), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, int64(8+len(header))+1<<40); err != nil {
		t.Fatal(err)
	}
	var err error
	bytes, took := bounded(func() {
		err = Import(path, []transformer.Tensor{{Name: "w", Shape: []int{2}, Data: []float32{1, 2}}}, nil, nil)
	})
	if err == nil || !strings.Contains(err.Error(), `tensor "w" has shape [524288 524288]`) {
		t.Errorf("error %v", err)
	}
	if bytes > maxGrowth || took > maxTime {
		t.Errorf("%d bytes allocated in %v", bytes, took)
	}
	g.Figure("refused after %v and %d kB", took.Round(time.Microsecond), bytes>>10)
}

// FuzzRead: no bytes make a reader panic, or write to memory and report an error.
func FuzzRead(f *testing.F) {
	for _, h := range hostile {
		if len(h.data) < 1000 {
			f.Add(h.data)
		}
	}
	for _, h := range notOurs {
		f.Add(h.data)
	}
	f.Add(contents(f, "testdata/pytorch.safetensors"))
	f.Add(contents(f, "testdata/v1.safetensors"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, read := range []func([]byte, []transformer.Tensor) error{readOwn, readOther} {
			into := []transformer.Tensor{{Name: "w", Shape: []int{2}, Data: []float32{5, 6}}}
			if err := read(data, into); err != nil && (into[0].Data[0] != 5 || into[0].Data[1] != 6) {
				t.Errorf("after %v the memory is %v", err, into[0].Data)
			}
		}
	})
}
