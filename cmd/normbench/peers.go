package main

import (
	"bufio"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"golang.org/x/sys/cpu"
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

func sortedKeys(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
