package runtime

// A NormOf is what every generated layer with one input, one output and at most
// one mask has in common, so that models can take any of them. A norm without a
// mask takes keep and does not look at it: its statistics stay inside a row.
type NormOf[T Float] interface {
	Name() string
	Cols() int
	NewWork(maxRows int) *WorkOf[T]
	Forward(w *WorkOf[T], y, x ViewOf[T], keep []bool) error
	Backward(w *WorkOf[T], dx, dy ViewOf[T], mode GradMode) error
	StartForward(w *WorkOf[T], y, x ViewOf[T], keep []bool) error
	StartBackward(w *WorkOf[T], dx, dy ViewOf[T], mode GradMode) error
	Infer(y, x ViewOf[T]) error
	Commit(works ...*WorkOf[T]) error
	SetMode(m Mode)
	Step() int
	SetStep(step int) error
	Params() []NamedOf[T]
	Grads() []NamedOf[T]
	State() []NamedOf[T]
	CheckState(name string, values []T) error
	Updates() []UpdateInfo
	ZeroGrads()
}

// The norms and works of the two storage types.
type (
	Norm    = NormOf[float32]
	Norm64  = NormOf[float64]
	Work    = WorkOf[float32]
	Work64  = WorkOf[float64]
	Named   = NamedOf[float32]
	Named64 = NamedOf[float64]
)
