package runtime

import (
	"fmt"
	"os"
	"sync/atomic"
)

// An ISA is a set of instructions that sweeps are written in. Larger ones
// contain the smaller.
type ISA uint8

const (
	Portable ISA = iota // compiled Go, on any machine
	AVX2                // amd64 with AVX2, FMA3 and BMI2
	AVX512              // that with AVX-512 F, BW, CD, DQ and VL
)

var isaNames = [...]string{Portable: "go", AVX2: "avx2", AVX512: "avx512"}

// String returns the name that [ParseISA] reads.
func (i ISA) String() string {
	if int(i) < len(isaNames) {
		return isaNames[i]
	}
	return fmt.Sprintf("ISA(%d)", uint8(i))
}

// ParseISA reads go, avx2 or avx512.
func ParseISA(name string) (ISA, error) {
	for i, n := range isaNames {
		if n == name {
			return ISA(i), nil
		}
	}
	return Portable, fmt.Errorf("no instruction set is named %q; there are %q", name, isaNames)
}

// Supported reports whether this build on this machine can run the ISA. Builds
// with the tag purego, and those for other processors, run Portable alone.
func Supported(i ISA) bool { return i <= machine }

// ISAVariable is the environment variable that says which ISA layers use at most.
// If it names one that is not [Supported], no layer can be made.
const ISAVariable = "NORM_ISA"

// isaCap is the most that layers made from now on use: 1 more than an ISA, 0 if
// there is no cap.
var isaCap atomic.Uint32

// CapISA makes the layers that are made from now on, in the whole process, use at
// most that ISA; those that exist keep theirs. It may be called at any time, and
// returns an error if the machine or the build cannot run the ISA. The environment
// variable may cap further.
func CapISA(i ISA) error {
	if err := checkISA(i); err != nil {
		return err
	}
	isaCap.Store(uint32(i) + 1)
	return nil
}

// BestISA returns the best ISA that layers made now may use.
func BestISA() (ISA, error) {
	best := machine
	if limit := isaCap.Load(); limit > 0 {
		best = ISA(limit - 1)
	}
	name := os.Getenv(ISAVariable)
	if name == "" {
		return best, nil
	}
	forced, err := ParseISA(name)
	if err == nil {
		err = checkISA(forced)
	}
	if err != nil {
		return Portable, fmt.Errorf("%s=%s: %w", ISAVariable, name, err)
	}
	return min(best, forced), nil
}

func checkISA(i ISA) error {
	if Supported(i) {
		return nil
	}
	return fmt.Errorf("%s is not available: %s", i, missing)
}
