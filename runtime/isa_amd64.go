//go:build amd64 && !purego

package runtime

import "golang.org/x/sys/cpu"

// machine is the best ISA of the processor that the operating system enables.
var machine = detect()

const missing = "the processor or the operating system lacks it"

// has says what an ISA may need, by the names in its row.
var has = map[string]bool{
	"AVX":      cpu.X86.HasAVX,
	"AVX2":     cpu.X86.HasAVX2,
	"FMA3":     cpu.X86.HasFMA,
	"BMI2":     cpu.X86.HasBMI2,
	"CMOV":     true, // as on every amd64
	"MMX+":     true, // likewise
	"AVX512F":  cpu.X86.HasAVX512F,
	"AVX512BW": cpu.X86.HasAVX512BW,
	"AVX512CD": cpu.X86.HasAVX512CD,
	"AVX512DQ": cpu.X86.HasAVX512DQ,
	"AVX512VL": cpu.X86.HasAVX512VL,
}

func detect() ISA {
	best := Portable
	for i, row := range isas {
		for _, need := range row.needs {
			if !has[need] {
				return best
			}
		}
		best = ISA(i)
	}
	return best
}
