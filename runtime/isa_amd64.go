//go:build amd64 && !purego

package runtime

import "golang.org/x/sys/cpu"

// machine is the best ISA of the processor that the operating system enables.
var machine = detect()

const missing = "the processor or the operating system lacks it"

func detect() ISA {
	x := &cpu.X86
	switch {
	case !(x.HasAVX2 && x.HasFMA && x.HasBMI2):
		return Portable
	case !(x.HasAVX512F && x.HasAVX512BW && x.HasAVX512CD && x.HasAVX512DQ && x.HasAVX512VL):
		return AVX2
	}
	return AVX512
}
