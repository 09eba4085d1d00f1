//go:build !amd64 || purego

package limit

// assembly lists none: Go is the only way here.
func assembly(Flow) []Way { return nil }
