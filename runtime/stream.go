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
// together write past the caches; 0 restores the default, half of the last cache.
// What is read again soon is better kept in the caches.
func StreamAbove(bytes int64) { streamAbove.Store(bytes) }

// streams reports whether the tensors of the pass are too large for the caches. By
// default that is from where streaming was measured to be faster even without a
// reader of the output: at two tensors of 4096 x 768 on Zen 4 with 32 MiB, LayerNorm
// took 0.85 of the time with streams, PowerNorm 0.55.
func (w *WorkOf[T]) streams() bool {
	limit := streamAbove.Load()
	if limit == 0 {
		limit = lastCache() / 2
	}
	var x T
	tensors := len(w.in) + len(w.out)
	return int64(tensors)*int64(w.frame.Rows)*int64(w.frame.Cols)*int64(unsafe.Sizeof(x)) > limit
}

// lastCache is the size of the last cache that Linux reports, or 32 MiB.
var lastCache = sync.OnceValue(func() int64 {
	const fallback = 32 << 20
	size := int64(fallback)
	for _, index := range []string{"index3", "index2"} {
		text, err := os.ReadFile("/sys/devices/system/cpu/cpu0/cache/" + index + "/size")
		k, found := strings.CutSuffix(strings.TrimSpace(string(text)), "K")
		if n, parseErr := strconv.ParseInt(k, 10, 64); err == nil && found && parseErr == nil {
			size = n << 10
			break
		}
	}
	return size
})
