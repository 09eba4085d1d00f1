//go:build amd64 && !purego

package runtime

import (
	"fmt"
	"testing"
)

var sink float64

// BenchmarkRows times the reductions of a row that is in the cache.
func BenchmarkRows(b *testing.B) {
	row := func(n int) []float32 { return hardFill("randn", n) }
	portable := kit{Portable, RowSum[float32], RowMoments[float32], RowMax[float32], nil}
	for _, n := range []int{64, 128, 768, 1024, 4096} {
		for _, k := range append([]kit{portable}, kits()...) {
			x := row(n)
			bench := func(name string, f func()) {
				b.Run(fmt.Sprintf("%s/n=%d/isa=%v", name, n, k.isa), func(b *testing.B) {
					b.SetBytes(int64(4 * n))
					for b.Loop() {
						f()
					}
				})
			}
			bench("sum", func() { sink = k.sum(x) })
			bench("moments", func() { _, _, sink = k.moments(x) })
			bench("max", func() { sink = float64(k.most(x)) })
		}
	}
}

// BenchmarkColumns times the moments of a block's columns, in the cache and, with
// blocks of a large matrix, out of it.
func BenchmarkColumns(b *testing.B) {
	portable := kit{isa: Portable, columns: func(b *Block[float32], k int, x View) { b.ColumnMoments(k, x) }}
	for _, cols := range []int{64, 512, 768, 1024, 4096} {
		for _, total := range []int{1, 1 << 24 / (BlockRows * cols)} {
			data := hardFill("randn", total*BlockRows*cols)
			x := Matrix(data, total*BlockRows, cols)
			for _, k := range append([]kit{portable}, kits()...) {
				blk := columnBlock(x.Slice(0, BlockRows), nil)
				b.Run(fmt.Sprintf("cols=%d/blocks=%d/isa=%v", cols, total, k.isa), func(b *testing.B) {
					b.SetBytes(int64(4 * BlockRows * cols))
					i := 0
					for b.Loop() {
						k.columns(blk, 0, x.Slice(i*BlockRows, (i+1)*BlockRows))
						i = (i + 1) % total
					}
				})
			}
		}
	}
}

// BenchmarkNodes times what the tree does to a block's reductions.
func BenchmarkNodes(b *testing.B) {
	for _, n := range []int{768, 4096} {
		p, q := make([]float64, n), make([]float64, n)
		x, y := hardFill("randn", n), hardFill("randn", n)
		for isa := Portable; Supported(isa); isa++ {
			bench := func(name string, f func()) {
				b.Run(fmt.Sprintf("%s/n=%d/isa=%v", name, n, isa), func(b *testing.B) {
					for b.Loop() {
						f()
					}
				})
			}
			bench("widen", func() { widen(isa, p, x) })
			bench("addTo", func() { addTo(isa, y, x); clear(y) })
			bench("addSums", func() { addSums(isa, p, q) })
			bench("joinSpread", func() { joinSpread(isa, p, q, q, p, 0.5, 0.5); clear(p); clear(q) })
		}
	}
}
