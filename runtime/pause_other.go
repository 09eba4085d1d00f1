//go:build !amd64 || purego

package runtime

// pause does nothing: other processors spin without a hint.
func pause() {}
