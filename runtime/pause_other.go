//go:build !amd64 || purego

package runtime

// pause does nothing: other processors spin without a hint.
func pause() {}

// fence does nothing: compiled Go writes through the caches.
func fence() {}
