package runtime

// A Frame is what the kernels of one pass share: sizes, knobs, and the arrays
// that the plan allotted. An array has as many elements as its shape.
type Frame[T Float] struct {
	Rows, Cols  int
	Size        []int // of the spec's axes
	Extent      []int // elements of each of the spec's shapes
	Knob        []float64
	Step        float64
	Count       []float64 // elements of each mask's rows kept, at least 1; Count[0] is all rows
	Stream      bool      // the tensors are too large for the caches: write past them
	Near        bool      // the tensors are in a cache that jumps from row to row cost little in
	SegmentRows float64   // rows of a segment, at least 1; Rows without segments
	Param       [][]T
	State       [][]T // the values before this step
	Col         [][]T
	Wide        [][]float64
	Sum         [][]float64 // finished sums over the batch
	Mean, SS    [][]float64 // finished moments over the batch
}

// A Block is what a sweep sees: up to BlockRows rows of each tensor, all of one
// segment, and the accumulators of its reductions over rows. All arrays start
// at its first row, or at its segment.
type Block[T Float] struct {
	*Frame[T]
	N       int // rows in the block
	In      []ViewOf[T]
	Out     []ViewOf[T]
	Mask    [][]bool
	Row     [][]T // one per row
	Group   [][]T // one per row and element of its shape
	Segment Segment[T]
	Acc     [][]T             // sums of elements, starting from -0
	Small   [][]float64       // sums of row, group and segment values, starting from -0
	Drop    []T               // takes what a masked row must not add
	Temp    [][]T             // scratch rows for what a row reduction adds
	Panel   []ViewOf[T]       // scratch blocks for what moments of elements are taken of
	Values  []ViewOf[float64] // the same for moments of row and group values
	Moment  []BlockMoments

	CallRows int // whole rows that one call of assembly takes, at least one

	part          struct{ rows, cols int }
	rows          []int
	shift, s1, s2 []T
	far           []uint8 // a bit for each column
}

// A Segment holds the arrays of the segment at hand: the rows that have all
// but the inner row axes in common, such as the tokens of one sample.
type Segment[T Float] struct {
	Col      [][]T
	Wide     [][]float64
	Sum      [][]float64 // finished sums over the segment's rows
	Mean, SS [][]float64
	Count    []float64 // like Frame.Count, of the segment's rows
}

// Width is Cols, as the length of a slice: the compiler knows that such a length
// is not negative, and leaves out the bounds checks of loops up to it.
func (b *Block[T]) Width() int { return len(b.Drop) }

// Part returns how many rows and columns of the block one call of assembly takes: it
// cannot be interrupted, and takes some 50 µs for that many elements from memory.
func (b *Block[T]) Part() (rows, cols int) { return b.part.rows, b.part.cols }

// limit sets how much one call of assembly takes of rows of n columns: a pass of a few
// rows would notice the divisions.
func (b *Block[T]) limit(n int) {
	const most = CallElements / 4
	b.CallRows = max(1, CallElements/n)
	b.part.cols = min(n, most)
	b.part.rows = min(BlockRows, CallElements/b.part.cols&^3)
}

// GroupsTogether returns how many groups of n elements each the loops over a row take
// before the next loop takes the same: as many as three tensors have in a nearest cache of
// 32 KiB, or one.
func GroupsTogether(n int) int {
	const most = 2 << 10
	return max(1, most/n)
}

// MostRuns is how many runs one call of assembly takes, at most: enough for a call to cost
// little beside short ones.
const MostRuns = 16

// RunsTogether returns how many runs of n elements each are one call.
func RunsTogether(n int) int { return max(1, min(MostRuns, CallElements/n)) }

// BlockMoments are the moments of one block: N rows, their means and sums of
// squares.
type BlockMoments struct {
	Mask     int // index into Frame.Count; 0 is all rows
	N        float64
	Mean, SS []float64
}
