package transformer

import (
	"time"
	"unsafe"

	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer/blas"
)

// A machine is what the layers of a model compute with: its products, its crew,
// and one task of each kind, so that a step allocates none.
type machine[T runtime.Float] struct {
	products blas.ProductsOf[T]
	crew     *crew
	spent    spent

	product product[T]
	sums    columnSums[T]
	drops   dropTask[T]
	act     activationTask[T]
	adding  addTask[T]

	softmaxes   map[int]*softmaxes[T]
	softmaxRows int // of a sequence, at most
}

// spent is where the time of a step went.
type spent struct {
	products, attention, norms, loss time.Duration
}

func newMachine[T runtime.Float](e EngineOf[T], softmaxRows int) *machine[T] {
	if e.Products == nil {
		e.Products = blas.Gonum[T]()
	}
	return &machine[T]{products: e.Products, crew: newCrew(e.Pool), softmaxes: map[int]*softmaxes[T]{}, softmaxRows: softmaxRows}
}

// A product is a matrix product in parts: the tiles of c.
type product[T runtime.Float] struct {
	products       blas.ProductsOf[T]
	transA, transB bool
	m, n, k        int
	alpha, beta    T
	a, b, c        []T
	lda, ldb, ldc  int
	bias           []T // what the rows of c begin with; nil: beta says
	rows, cols     int // of a tile
	across         int // tiles side by side
}

func (p *product[T]) part(_, i int) {
	row, col := i/p.across*p.rows, i%p.across*p.cols
	m, n := min(p.rows, p.m-row), min(p.cols, p.n-col)
	a, b, c := p.a, p.b, p.c[row*p.ldc+col:]
	if p.transA {
		a = a[row:]
	} else {
		a = a[row*p.lda:]
	}
	if p.transB {
		b = b[col*p.ldb:]
	} else {
		b = b[col:]
	}
	if p.bias != nil {
		for r := range m {
			copy(c[r*p.ldc:][:n], p.bias[col:])
		}
	}
	p.products.Gemm(p.transA, p.transB, m, n, p.k, p.alpha, a, p.lda, b, p.ldb, p.beta, c, p.ldc)
}

// multiply sets c to alpha*op(a)*op(b) + beta*c. With a bias, c begins as the
// bias in every row and beta is 1.
func (m *machine[T]) multiply(transA, transB bool, rows, cols, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int, bias []T) {
	if rows == 0 || cols == 0 {
		return
	}
	begin := time.Now()
	p := &m.product
	*p = product[T]{products: m.products, transA: transA, transB: transB, m: rows, n: cols, k: k,
		alpha: alpha, beta: beta, a: a, b: b, c: c, lda: lda, ldb: ldb, ldc: ldc, bias: bias}
	p.rows, p.cols = m.products.Tile(rows, cols, k)
	p.across = (cols + p.cols - 1) / p.cols
	m.crew.run(p, p.across*((rows+p.rows-1)/p.rows))
	m.spent.products += time.Since(begin)
}

// colsPerPart is how many columns a task takes that runs over all rows.
const colsPerPart = 64

// columnSums adds the sums of x's columns to sum, rows in order.
type columnSums[T runtime.Float] struct {
	sum []T
	x   runtime.ViewOf[T]
}

// Rows are added in blocks, so that the error of long sums does not grow with them.
func (s *columnSums[T]) part(_, i int) {
	lo := i * colsPerPart
	hi := min(lo+colsPerPart, s.x.Cols)
	var total [colsPerPart]float64
	var block [colsPerPart]T
	for first := 0; first < s.x.Rows; first += runtime.BlockRows {
		b := block[:hi-lo]
		clear(b)
		for r := first; r < min(first+runtime.BlockRows, s.x.Rows); r++ {
			row := s.x.Row(r)[lo:hi]
			for j, v := range row[:len(b)] {
				b[j] += v
			}
		}
		for j, v := range b {
			total[j] += float64(v)
		}
	}
	for j := range s.sum[lo:hi] {
		s.sum[lo+j] += T(total[j])
	}
}

func (m *machine[T]) addColumnSums(sum []T, x runtime.ViewOf[T]) {
	m.sums = columnSums[T]{sum, x}
	m.crew.run(&m.sums, (x.Cols+colsPerPart-1)/colsPerPart)
}

// addTask adds x to y.
type addTask[T runtime.Float] struct{ y, x runtime.ViewOf[T] }

func (a *addTask[T]) part(_, i int) {
	lo, hi := rowSpan(i, a.y.Rows)
	for r := lo; r < hi; r++ {
		y, x := a.y.Row(r), a.x.Row(r)
		for j := range y {
			y[j] += x[j]
		}
	}
}

func (m *machine[T]) add(y, x runtime.ViewOf[T]) {
	m.adding = addTask[T]{y, x}
	m.crew.run(&m.adding, rowParts(y.Rows))
}

func sizeOf[T runtime.Float]() uintptr { return unsafe.Sizeof(*new(T)) }
