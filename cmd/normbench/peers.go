package main

import (
	"bufio"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
	"unsafe"

	"golang.org/x/sys/cpu"

	"github.com/normgen/normgen/cmd/normbench/plain"
)

// The peers are one Python process that answers a line of JSON with a line of
// JSON, so that its calls take part in the rounds of this one.
//
//go:embed peers/*.py
var scripts embed.FS

type peers struct {
	dir     string // scripts, and the tensors to work on
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
}

// A request is a line to the process.
type request struct {
	Do      string `json:"do"`
	Norm    string `json:"norm,omitempty"`
	Op      op     `json:"op,omitempty"`
	Shape   shape  `json:"shape,omitempty"`
	Workers int    `json:"workers,omitempty"`
	Peer    string `json:"peer,omitempty"`
	Calls   int    `json:"calls,omitempty"`
}

// A reply is its answer.
type reply struct {
	Peers   []string          `json:"peers"`   // that can take part
	Missing map[string]string `json:"missing"` // why others cannot
	NS      float64           `json:"ns"`      // of all calls
	Error   string            `json:"error"`
}

// startPeers starts the process and says on log which peers there are.
func startPeers(python string, log io.Writer) (*peers, error) {
	p := new(peers)
	var err error
	if p.dir, err = os.MkdirTemp("", "normbench"); err != nil {
		return nil, err
	}
	if err := p.start(python); err != nil {
		p.stop()
		return nil, fmt.Errorf("peers: %w", err)
	}
	r, err := p.ask(request{Do: "hello"})
	if err != nil {
		p.stop()
		return nil, fmt.Errorf("peers: %w", err)
	}
	for _, name := range r.Peers {
		fmt.Fprintf(log, "normbench: peer %s\n", name)
	}
	p.report(r.Missing, log)
	return p, nil
}

func (p *peers) start(python string) error {
	files, err := fs.Sub(scripts, "peers")
	if err != nil {
		return err
	}
	if err := os.CopyFS(p.dir, files); err != nil {
		return err
	}
	p.process = exec.Command(python, filepath.Join(p.dir, "main.py"), p.dir)
	p.process.Env = append(os.Environ(), peerSettings()...)
	p.process.Stderr = os.Stderr
	if p.in, err = p.process.StdinPipe(); err != nil {
		return err
	}
	out, err := p.process.StdoutPipe()
	if err != nil {
		return err
	}
	p.out = bufio.NewScanner(out)
	return p.process.Start()
}

// peerSettings make the peers as fast as they can be: a heap that keeps its
// pages, and the instructions that they do not use unless asked.
func peerSettings() []string {
	s := []string{"MALLOC_MMAP_MAX_=0", "MALLOC_TRIM_THRESHOLD_=1099511627776"}
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512DQ {
		s = append(s, "ATEN_CPU_CAPABILITY=avx512")
	}
	return s
}

// ask sends a request and waits for its answer.
func (p *peers) ask(q request) (reply, error) {
	var r reply
	line, err := json.Marshal(q)
	if err != nil {
		return r, err
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return r, err
	}
	if !p.out.Scan() {
		return r, errors.Join(errors.New("the process ended"), p.out.Err())
	}
	if err := json.Unmarshal(p.out.Bytes(), &r); err != nil {
		return r, err
	}
	if r.Error != "" {
		return r, errors.New(r.Error)
	}
	return r, nil
}

func (p *peers) stop() {
	if p == nil {
		return
	}
	if p.process != nil && p.process.Process != nil {
		p.in.Close()
		p.process.Wait()
	}
	os.RemoveAll(p.dir)
}

func (p *peers) report(missing map[string]string, log io.Writer) {
	for _, name := range sortedKeys(missing) {
		fmt.Fprintf(log, "normbench: no %s: %s\n", name, missing[name])
	}
}

// share writes the tensors and parameters for the process to load.
func (p *peers) share(m *memory, v plain.Vectors) error {
	if p == nil {
		return nil
	}
	for _, of := range []map[string][]float32{m.arrays, v} {
		for name, a := range of {
			if err := os.WriteFile(p.path(name), bytesOf(a), 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *peers) path(name string) string { return filepath.Join(p.dir, name+".f32") }

func bytesOf(a []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(a))), 4*len(a))
}

// enter returns the peers that have the pass, once each has computed what the
// subject computes.
func (p *peers) enter(at pair, o op, workers int, s *subject, log io.Writer) []*contender {
	if p == nil {
		return nil
	}
	r, err := p.ask(request{Do: "open", Norm: at.name, Op: o, Shape: at.at, Workers: workers})
	if err != nil {
		fmt.Fprintf(log, "normbench: peers: %v\n", err)
		return nil
	}
	p.report(r.Missing, log)
	var out []*contender
	for _, name := range r.Peers {
		if err := p.check(name, o, s); err != nil {
			fmt.Fprintf(log, "normbench: %s leaves %s %s %s: %v\n", name, at.name, o, at.at, err)
			continue
		}
		out = append(out, &contender{name: name, peer: true, time: func(calls int) (time.Duration, error) {
			r, err := p.ask(request{Do: "time", Peer: name, Calls: calls})
			return time.Duration(r.NS), err
		}})
	}
	return out
}

// leave says which peers failed on the way.
func (p *peers) leave(rivals []*contender, log io.Writer) {
	for _, c := range rivals {
		if c.err != nil {
			fmt.Fprintf(log, "normbench: %s failed: %v\n", c.name, c.err)
		}
	}
}

// same is how far a peer's result may be from the layer's, in units of the
// largest element. float32 sums of up to 2^20 elements stay far below it; another
// formula, divisor or eps in another place does not.
const same = 1e-3

// check compares the result of a peer with that of the layer.
func (p *peers) check(name string, o op, s *subject) error {
	if err := s.passes[o].run(); err != nil {
		return err
	}
	want := s.y
	if o == backward {
		want = s.dx
	}
	if _, err := p.ask(request{Do: "check", Peer: name}); err != nil {
		return err
	}
	got := make([]float32, len(want))
	data, err := os.ReadFile(p.path("result"))
	if err != nil {
		return err
	}
	if len(data) != 4*len(want) {
		return fmt.Errorf("its result has %d elements, not %d", len(data)/4, len(want))
	}
	copy(bytesOf(got), data)
	if d := distance(got, want); !(d <= same) {
		return fmt.Errorf("its result differs by %.1g of the largest element: not the same work", d)
	}
	return nil
}

// distance returns the largest difference over the largest element of want; NaN
// if there is one.
func distance(got, want []float32) float64 {
	var most, scale float64
	for i, w := range want {
		most = max(most, math.Abs(float64(got[i])-float64(w)))
		scale = max(scale, math.Abs(float64(w)))
	}
	return most / scale
}

func sortedKeys(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
