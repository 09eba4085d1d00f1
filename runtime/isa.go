package runtime

import (
	"fmt"
	"os"
	"sync/atomic"
)

// An ISA is a set of instructions that sweeps are written in. Larger ones
// contain the smaller. Which there are says the table of package asmgen, where a
// new one is a row.
type ISA uint8

// String returns the name that [ParseISA] reads.
func (i ISA) String() string {
	if int(i) < len(isas) {
		return isas[i].name
	}
	return fmt.Sprintf("ISA(%d)", uint8(i))
}

// ParseISA reads a name: go, avx2 or avx512.
func ParseISA(name string) (ISA, error) {
	var names []string
	for i, row := range isas {
		if row.name == name {
			return ISA(i), nil
		}
		names = append(names, row.name)
	}
	return Portable, fmt.Errorf("no instruction set is named %q; there are %q", name, names)
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
