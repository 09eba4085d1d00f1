//go:build !amd64 || purego

package runtime

// Without assembly, none of the elements are done here.

func widenEights(ISA, []float64, []float32) int { return 0 }

func narrowEights(ISA, []float32, []float64) int { return 0 }

func addNarrowEights(ISA, []float32, []float64) int { return 0 }

func addEights(ISA, []float64, []float64) int { return 0 }

func joinEights(ISA, []float64, []float64, []float64, []float64, float64, float64) int { return 0 }

func addAll(_ ISA, dst, src []float32) {
	for i, x := range src {
		dst[i] += x
	}
}
