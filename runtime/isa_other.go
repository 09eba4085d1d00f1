//go:build !amd64 || purego

package runtime

// machine is the best ISA of a build without assembly.
const machine = Portable

const missing = "this build has no assembly: it is for another processor, or has the tag purego"
