package asmgen

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/normgen/normgen/asmgen/emulate"
	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/gocode"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/testdata"
	"github.com/normgen/normgen/testdata/gates"
)

// TestGate06Addresses runs the addresses of all functions of all generated layers, for
// every set of instructions, and holds each load and store to the slice of its argument.
// Elements are unknown: where a branch hangs on them, both ways are taken. The functions
// are those that the committed files are the text of, see [TestGate17Text].
func TestGate06Addresses(t *testing.T) {
	g := gates.Open(t, 6, "addresses: emulated loads and stores are in their slices")
	specs, err := filepath.Glob("../testdata/*.dsl")
	if err != nil {
		t.Fatal(err)
	}
	functions, runs, branches := 0, 0, 0
	for _, spec := range append(specs, "../testdata/fast/fast.dsl") {
		for _, f := range filesOf(t, spec, Sets...) {
			for _, w := range f.loops {
				p, err := newProof(w)
				if err == nil {
					err = p.all()
				}
				if err != nil {
					t.Errorf("%s: %v", w.name, err)
					continue
				}
				functions++
				runs += p.runs
				branches += p.asked
			}
		}
	}
	if functions < 500 || branches == 0 {
		t.Errorf("%d functions, %d branches that hang on elements: those are not all", functions, branches)
	}
	g.Figure("%d functions, %d lengths of rows to %d, %d runs: every access in its slice, stores in outputs", functions, len(lengths()), slices.Max(lengths()), runs)
}

// filesOf are the files of assembly of a spec, in those of the sets that it asks for.
func filesOf(t *testing.T, spec string, of ...*Set) []*File {
	t.Helper()
	src, err := os.ReadFile(spec)
	if err != nil {
		t.Fatal(err)
	}
	f, errs := dsl.Parse(filepath.Base(spec), src)
	if !errs.HasErrors() {
		f, errs = dsl.Link(f, dsl.Sources{Library: testdata.Specs})
	}
	if errs.HasErrors() {
		t.Fatal(errs)
	}
	p, errs := dsl.Check(f)
	if errs.HasErrors() {
		t.Fatal(errs)
	}
	units, err := gen.Plan(p)
	if err != nil {
		t.Fatal(err)
	}
	var files []*File
	var sets []gocode.Assembler
	for _, s := range of {
		sets = append(sets, gocode.Assembler{Target: s.Name, Suffix: s.Suffix, NewFile: func(spec string) gocode.LoopFile {
			f := s.NewFile(spec)
			files = append(files, f)
			return f
		}})
	}
	if _, err := (gocode.Backend{Assemblers: sets}).Emit("p", filepath.Base(spec), units); err != nil {
		t.Fatal(err)
	}
	return files
}

// mostClosely is the longest of the lengths that are all tried.
const mostClosely = 300

// lengths are all up to more than a block and, around where blocks and the forms of
// loops end, neighbours of them.
func lengths() []int {
	var out []int
	if !gates.Release() {
		return []int{1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 100, 127, 128, 129, 255, 256, 257, 300, 769}
	}
	for n := 1; n <= mostClosely; n++ {
		out = append(out, n)
	}
	for n := 512; n <= 4096; n += 256 {
		out = append(out, n-33, n-1, n, n+1, n+31)
	}
	return out
}

// A call says what a function is called with.
type call struct {
	n, rows      int
	gap, uneven  int // elements between rows, and how many more for each matrix
	off          int // bytes that slices are away from an aligned address
	held         int // elements of a line that the row goes on with
	stream, near bool
	branch       int // which way branches go that hang on elements: never, always, in turn
}

// calls are those of one length of rows. Together with other lengths they are all of the
// product of what can be chosen.
func calls(k, n int) []call {
	rows, gaps := []int{1, 2, 3, 4, 5, 9}, []call{{}, {gap: 3}, {gap: 32}, {gap: 1, uneven: 5}}
	var out []call
	count := gates.Sized(4, 8)
	if n > mostClosely {
		count = 4
	}
	for i := range count {
		j := 97*k + 7*i // neighbours have nothing in common
		c := gaps[j%4]
		c.n, c.rows, c.off, c.stream, c.near = n, rows[j%6], 4*(j/24%3), j/4%3 > 0, j/6%2 == 0
		c.branch = j / 12 % 3
		c.held = []int{0, 1, 5, 15}[j/5%4]
		out = append(out, c)
	}
	return out
}

// A proof runs the addresses of a function.
type proof struct {
	*written
	m           *emulate.Machine
	may         map[string]bool // be written to
	runs, asked int
	err         error // of an argument that the function does not have
}

func newProof(w *written) (*proof, error) {
	m, err := emulate.New(w.function, w.consts)
	return &proof{written: w, m: m, may: w.writes()}, err
}

// all runs the calls of all lengths. Rows with moments have as many elements as the shift
// is the mean of, or more; the caller sees to it.
func (p *proof) all() error {
	for k, n := range lengths() {
		if p.rows != nil && p.rows.Moments() && n < plan.RowShift {
			continue
		}
		for _, c := range calls(k, n) {
			if err := p.run(c); err != nil {
				return fmt.Errorf("%+v: %w", c, err)
			}
		}
	}
	return nil
}

// run runs one call.
func (p *proof) run(c call) error {
	p.m.Clear()
	if err := p.arguments(c); err != nil {
		return err
	}
	turn := false
	asked, err := p.m.Run(func() bool { turn = !turn; return c.branch == 1 || c.branch == 2 && turn })
	p.runs++
	p.asked += asked
	return err
}

// arguments are those of a call, in slices no longer than they must be.
func (p *proof) arguments(c call) error {
	p.set("n", emulate.Integer(uint64(c.n)))
	if p.rows != nil || p.loop.Walks() {
		p.set("rows", emulate.Integer(uint64(c.rows)))
	}
	if p.rows == nil {
		return p.loopArguments(c)
	}
	for k, a := range p.rows.Params {
		writable := p.may[a.Name]
		switch {
		case a.Tensor():
			p.matrix(k, a.Name, c, writable)
		case a.Kind == plan.ReadRows || a.Kind == plan.SaveRows:
			p.slice(k, a.Name, 4*c.rows, c, writable)
		case a.Pointer():
			p.slice(k, a.Name, 4*c.n, c, writable)
		default:
			p.set(a.Name, emulate.Element)
		}
	}
	if p.rows.Stores() {
		p.set("stream", emulate.Flag(c.stream))
	}
	return p.err
}

func (p *proof) loopArguments(c call) error {
	runs := 1
	if p.loop.Runs {
		runs = c.rows
		p.set("runs", emulate.Integer(uint64(runs)))
	}
	for k, a := range p.loop.Params {
		bytes := 4 * c.n * runs
		if a.Wide {
			bytes = 8 * c.n
		}
		switch {
		case a.Matrix:
			p.matrix(k, a.Name, c, p.may[a.Name])
		case p.loop.Past && c.stream && a.Kind == plan.StoreParam:
			p.line(a.Name, bytes, c)
		case a.Pointer():
			p.slice(k, a.Name, bytes, c, p.may[a.Name])
		case a.Kind == plan.RunParam:
			p.slice(k, a.Name, 4*runs, c, false)
		case a.Kind == plan.SumParam && p.loop.Runs:
			p.slice(k, a.Name, 8*runs, c, true)
		case a.Kind == plan.SumParam:
			p.set(a.Start(), emulate.Element)
		default:
			p.set(a.Name, emulate.Element)
		}
	}
	if p.loop.Walks() {
		p.set("near", emulate.Flag(c.near))
	}
	if p.loop.Walks() && p.loop.Stores() {
		p.set("stream", emulate.Flag(c.stream))
	}
	if p.loop.Past {
		p.lines(c)
	}
	return p.err
}

// line is a row of a tensor that is written past the caches, after the elements of its
// line that are held. If there are none it may begin anywhere.
func (p *proof) line(name string, bytes int, c call) {
	at := p.m.Argument(name)
	if c.held == 0 {
		p.err = errors.Join(p.err, p.m.Point(at, emulate.Slice{Name: name, Bytes: bytes, Writable: true}, uint64(c.off)))
		return
	}
	p.err = errors.Join(p.err, p.m.PointInto(at, emulate.Slice{Name: name, Bytes: 4*c.held + bytes, Writable: true}, 0, uint64(4*c.held)))
}

// lines is where elements are held: two lines for each tensor, or nowhere.
func (p *proof) lines(c call) {
	held, tensors := 0, 0
	for _, a := range p.loop.Params {
		if a.Kind == plan.StoreParam {
			tensors++
		}
	}
	p.set("line", emulate.Integer(0))
	if c.stream {
		held = c.held
		p.slice(0, "line", lineRoom*tensors, c, true)
	}
	p.set("held", emulate.Integer(uint64(held)))
}

// matrix is rows that end with the last element of the last one.
func (p *proof) matrix(k int, name string, c call, writable bool) {
	stride := c.n + c.gap + k*c.uneven
	p.slice(k, name, 4*((c.rows-1)*stride+c.n), c, writable)
	p.set(name+"Stride", emulate.Integer(uint64(stride)))
}

func (p *proof) slice(k int, name string, bytes int, c call, writable bool) {
	p.err = errors.Join(p.err, p.m.Point(p.m.Argument(name), emulate.Slice{Name: name, Bytes: bytes, Writable: writable}, uint64(c.off*(k+1))))
}

func (p *proof) set(name string, w emulate.Word) {
	p.err = errors.Join(p.err, p.m.Set(p.m.Argument(name), w))
}
