package runtime

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"
)

// streamAbove is the footprint from which passes write past the caches; 0 is the
// default.
var streamAbove atomic.Int64

// StreamAbove makes assembly sweeps of passes whose tensors have more bytes
// together write past the caches; 0 restores the default, a quarter of the last cache.
// What is read again soon is better kept in the caches.
func StreamAbove(bytes int64) { streamAbove.Store(bytes) }

// nearBelow is the footprint up to which columns are read by strips, plus 1; 0 is the
// default.
var nearBelow atomic.Int64

// NearBelow makes assembly sweeps of passes whose tensors have at most so many bytes
// together go through all rows of a block with the sums of some columns, and others
// through a few rows with all columns; a negative number restores the default, a
// quarter of the last cache.
func NearBelow(bytes int64) { nearBelow.Store(max(bytes, -1) + 1) }

// place reports whether the tensors of the pass are so small that jumps from row to row
// cost little, and whether they are too large for the caches. Both change at a quarter of
// the last cache, by default: on Zen 4 with 32 MiB, of two or three tensors of 1536 x 768
// (9 and 14 MB) streaming took 0.65 and 0.55 of the time of LayerNorm forward and
// backward, of BatchNorm 0.7 and 0.8, of PowerNorm 0.5 and 0.67, and as much less if the
// output was read again at once; of 1024 x 768 (6 MB) BatchNorm and PowerNorm forward took
// 1.2 and 1.5 times as long. Strips took 0.91 of the time of BatchNorm's backward at three
// tensors of 1024 x 768, and more than twice as long at 4096 x 768.
func (w *WorkOf[T]) place() (near, far bool) {
	quarter := w.layer.program.cache / 4
	below, above := nearBelow.Load()-1, streamAbove.Load()
	if below < 0 {
		below = quarter
	}
	if above == 0 {
		above = quarter
	}
	bytes := w.footprint()
	return bytes <= below, bytes > above
}

// footprint is how many bytes the tensors of the pass have.
func (w *WorkOf[T]) footprint() int64 {
	var x T
	tensors := len(w.in) + len(w.out)
	return int64(tensors) * int64(w.frame.Rows) * int64(w.frame.Cols) * int64(unsafe.Sizeof(x))
}

// StreamsFrom returns how many bytes the tensors of a pass must have more than for its
// assembly sweeps to write past the caches, and what that is taken from.
func StreamsFrom() (bytes int64, source string) {
	if limit := streamAbove.Load(); limit != 0 {
		return limit, "set by StreamAbove"
	}
	size, source := lastCache()
	return size / 4, "a quarter of the last cache, " + source
}

// lastCache is the size of the last cache that Linux reports, or 32 MiB, and who says so.
var lastCache = sync.OnceValues(func() (int64, string) {
	const fallback = 32 << 20
	for _, index := range []string{"index3", "index2"} {
		path := "/sys/devices/system/cpu/cpu0/cache/" + index + "/size"
		text, err := os.ReadFile(path)
		k, found := strings.CutSuffix(strings.TrimSpace(string(text)), "K")
		if n, parseErr := strconv.ParseInt(k, 10, 64); err == nil && found && parseErr == nil {
			return n << 10, path
		}
	}
	return fallback, "which this system does not report: taken as 32 MiB"
})
