package dsl

import (
	"iter"
	"slices"
)

// maxNear is the largest edit distance of a suggestion.
const maxNear = 2

// nearest returns the candidate closest to text, or "" if none is close. Of
// two at the same distance the alphabetically first wins, so that messages do
// not depend on map order.
func nearest(text string, candidates iter.Seq[string]) string {
	best, bestDist := "", maxNear+1
	for c := range candidates {
		if c == text {
			continue
		}
		d := distance(text, c)
		if d < bestDist || d == bestDist && d <= maxNear && c < best {
			best, bestDist = c, d
		}
	}
	if bestDist > maxNear || bestDist >= len(text) {
		return ""
	}
	return best
}

func nearestOf(text string, candidates []string) string {
	return nearest(text, slices.Values(candidates))
}

// distance is the edit distance where a swap of neighbours counts as one
// change; more than maxNear is reported as maxNear+1 without the work.
func distance(a, b string) int {
	if len(a)-len(b) > maxNear || len(b)-len(a) > maxNear || len(a) > 64 || len(b) > 64 {
		return maxNear + 1
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+differ(a[i], b[j]))
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], maxNear+1)
}

func differ(a, b byte) int {
	if a == b {
		return 0
	}
	return 1
}
