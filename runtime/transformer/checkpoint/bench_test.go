package checkpoint

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/normgen/normgen/runtime/transformer"
)

// BenchmarkCheckpoint saves and reads the state of a model of 9 million parameters
// with its moments, 108 MB.
func BenchmarkCheckpoint(b *testing.B) {
	var s State
	for i := range 3 * 90 {
		s.Tensors = append(s.Tensors, transformer.Tensor{Name: fmt.Sprint("t", i), Shape: []int{100000}, Data: make([]float32, 100000)})
	}
	path := filepath.Join(b.TempDir(), "run")
	b.Run("save", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(108e6)
		for b.Loop() {
			if err := Save(path, s); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(108e6)
		for b.Loop() {
			f, err := Open(path)
			if err != nil {
				b.Fatal(err)
			}
			if err := Read(f, s.Tensors); err != nil {
				b.Fatal(err)
			}
			f.Close()
		}
	})
}
