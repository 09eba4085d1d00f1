package runtime

// A Pool runs functions side by side. It belongs to the caller; a layer starts
// no goroutine of its own.
type Pool interface {
	// Workers is the number of functions that Run can run at once.
	Workers() int
	// Run calls f(0) ... f(n-1), n at most Workers, and returns when all have
	// returned. A pass that one worker runs does not call it.
	Run(n int, f func(i int))
}

// A Sizer is a pool that knows how large a sweep must be for several workers to
// be faster than one. Of other pools all workers are used.
type Sizer interface {
	Pool
	Worth(elements int) bool
}

// Serial runs everything in the caller's goroutine.
var Serial Pool = serial{}

type serial struct{}

func (serial) Workers() int { return 1 }

func (serial) Run(n int, f func(i int)) {
	for i := range n {
		f(i)
	}
}
