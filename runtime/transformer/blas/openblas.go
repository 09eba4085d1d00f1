//go:build (linux || darwin) && (amd64 || arm64)

package blas

import (
	"fmt"
	"strings"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"

	"github.com/normgen/normgen/runtime"
)

// names under which OpenBLAS is installed, the plain ones of systems first.
var names = []string{"libopenblas.so.0", "libopenblas.so", "libopenblas.0.dylib", "libopenblas.dylib"}

// OpenBLAS loads OpenBLAS from the file at path, or from where the system has it if
// path is empty. Large products are cut into so many parts as there are threads,
// at least 1; the workers of a model compute them side by side, and bits depend on
// threads, not on workers. OpenBLAS's own threads are turned off, for the whole
// process.
func OpenBLAS[T runtime.Float](path string, threads int) (ProductsOf[T], error) {
	if threads < 1 {
		return nil, fmt.Errorf("blas: OpenBLAS with %d threads", threads)
	}
	lib, err := open(path)
	if err != nil {
		return nil, err
	}
	name := "sgemm_"
	if unsafe.Sizeof(*new(T)) == 8 {
		name = "dgemm_"
	}
	p := &openBLAS[T]{threads: threads, description: fmt.Sprintf("%s, %d threads", lib.describe(), threads)}
	if p.gemm, err = purego.Dlsym(lib.handle, name); err != nil {
		return nil, fmt.Errorf("blas: OpenBLAS: %w", err)
	}
	p.calls.New = newCall[T]
	return p, nil
}

// A library is a loaded OpenBLAS.
type library struct {
	handle  uintptr
	config  func() string
	core    func() string
	threads func() int32
}

func open(path string) (*library, error) {
	candidates := names
	if path != "" {
		candidates = []string{path}
	}
	var tried []string
	for _, name := range candidates {
		h, err := purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_LOCAL)
		if err == nil {
			return load(h, name)
		}
		tried = append(tried, err.Error())
	}
	return nil, fmt.Errorf("blas: OpenBLAS is not installed, or not where it is looked for: %s\n"+
		"help: on Debian and Ubuntu, apt-get install libopenblas0-pthread; on macOS, brew install openblas, and give the path of its dylib; "+
		"the products in Go need nothing, and are slower", strings.Join(tried, "; "))
}

func load(handle uintptr, name string) (*library, error) {
	lib := &library{handle: handle}
	var setThreads func(int32)
	for _, f := range []struct {
		name string
		fn   any
	}{
		{"openblas_get_config", &lib.config}, {"openblas_get_corename", &lib.core},
		{"openblas_get_num_threads", &lib.threads}, {"openblas_set_num_threads", &setThreads},
	} {
		addr, err := purego.Dlsym(handle, f.name)
		if err != nil {
			return nil, fmt.Errorf("blas: %s is no OpenBLAS: %w", name, err)
		}
		purego.RegisterFunc(f.fn, addr)
	}
	if strings.Contains(lib.config(), "USE64BITINT") {
		return nil, fmt.Errorf("blas: %s has 64-bit integers; the build with 32-bit ones is wanted", name)
	}
	setThreads(1)
	if n := lib.threads(); n != 1 {
		return nil, fmt.Errorf("blas: %s keeps %d threads of its own; the models bring theirs", name, n)
	}
	return lib, nil
}

func (l *library) describe() string {
	return fmt.Sprintf("%s, kernels %s", strings.TrimSpace(l.config()), l.core())
}

// openBLAS calls the Fortran interface: it takes all by reference, so that a call
// needs no reflection and allocates nothing.
type openBLAS[T runtime.Float] struct {
	gemm        uintptr
	threads     int
	description string
	calls       sync.Pool
}

// A call holds what is passed by reference, and the references. It lies in the
// heap, and what its pointers point to does too, so that nothing moves.
type call[T runtime.Float] struct {
	no, yes       byte
	m, n, k       int32
	lda, ldb, ldc int32
	alpha, beta   T
	a, b, c       *T
	args          [15]uintptr
}

func newCall[T runtime.Float]() any {
	v := &call[T]{no: 'N', yes: 'T'}
	v.args = [15]uintptr{2: address(&v.m), 3: address(&v.n), 4: address(&v.k), 5: address(&v.alpha), 7: address(&v.lda),
		9: address(&v.ldb), 10: address(&v.beta), 12: address(&v.ldc), 13: 1, 14: 1} // the lengths of the flags
	return v
}

func address[E any](p *E) uintptr { return uintptr(unsafe.Pointer(p)) }

// smallest is the number of multiplications from which a product is cut: it takes
// some 30 microseconds, and a worker that sleeps is awake by then.
const smallest = 1 << 20

// Tile cuts the longer side, in multiples of the 64 rows or columns that kernels
// like: each part packs all of the other side.
func (p *openBLAS[T]) Tile(m, n, k int) (rows, cols int) {
	switch {
	case m*n*k < smallest:
		return m, n
	case m >= n:
		return share(m, p.threads), n
	}
	return m, share(n, p.threads)
}

func share(n, parts int) int { return ((n+parts-1)/parts + 63) / 64 * 64 }

func (p *openBLAS[T]) String() string { return p.description }

// Gemm computes the transpose of c, which is c in Fortran's column order, as the
// product of the transposes in the other order.
func (p *openBLAS[T]) Gemm(transA, transB bool, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	check(transA, transB, m, n, k, len(a), lda, len(b), ldb, len(c), ldc)
	if m == 0 || n == 0 {
		return
	}
	v := p.calls.Get().(*call[T])
	v.m, v.n, v.k = int32(n), int32(m), int32(k)
	v.lda, v.ldb, v.ldc = int32(ldb), int32(lda), int32(ldc)
	v.alpha, v.beta = alpha, beta
	v.a, v.b, v.c = unsafe.SliceData(a), unsafe.SliceData(b), unsafe.SliceData(c)
	v.args[0], v.args[1] = v.flag(transB), v.flag(transA)
	v.args[6], v.args[8], v.args[11] = address(v.b), address(v.a), address(v.c)
	purego.SyscallN(p.gemm, v.args[:]...)
	v.a, v.b, v.c = nil, nil, nil
	p.calls.Put(v)
}

func (v *call[T]) flag(transposed bool) uintptr {
	if transposed {
		return address(&v.yes)
	}
	return address(&v.no)
}
