package runtime

import "unsafe"

// A Line is what loops that write past the caches have computed of a line of the cache,
// and not written: such stores take whole lines, and the end of a row of channels or
// groups waits here for the beginning of the next. It is for tensors that a loop writes
// side by side, in lines of the same places.
type Line struct {
	Held int // elements of each tensor that wait, fewer than a line
	data [lineTensors][2 * lineElements]float32
	rows [lineTensors][]float32 // that the elements are the last of
}

// What the assembly knows too: see package plan.
const (
	lineElements = 16
	lineTensors  = 2
)

// To returns where loops over these rows, one of each tensor, keep the elements that wait,
// or nil if they write to the caches: because nobody asks for streams, or the rows have no
// line whole, or not in the same places. Rows that follow those before in memory go on
// with their last line.
func (l *Line) To(stream bool, rows ...[]float32) *float32 {
	stream = stream && len(rows[0]) >= lineElements
	follow := stream
	for k, r := range rows {
		stream = stream && inLine(r) == inLine(rows[0]) && address(r)%4 == 0
		follow = follow && address(r) == address(l.rows[k])+4*uintptr(len(l.rows[k]))
	}
	if !follow || !stream {
		l.Flush()
	}
	if !stream {
		return nil
	}
	copyAll(l.rows[:], rows)
	return &l.data[0][0]
}

// Flush writes what waits. A whole row has been computed.
func (l *Line) Flush() {
	if l.Held == 0 {
		return
	}
	for k, r := range l.rows {
		if r != nil {
			copyAll(r[len(r)-l.Held:], l.data[k][:l.Held])
		}
	}
	l.Held = 0
}

func address(x []float32) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(x))) }

// inLine is where a slice begins in a line.
func inLine(x []float32) uintptr { return address(x) % (4 * lineElements) }
