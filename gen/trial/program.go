package trial

import (
	"bytes"
	"embed"
	"encoding/gob"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"github.com/normgen/normgen/gen/plan"
)

//go:embed testdata/run/*.go
var runner embed.FS

// A Program is a module that runs generated layers on problems.
type Program struct {
	Dir    string   // to write it to
	Module string   // directory of the module normgen, which it is built with
	Flags  []string // of go build, for example -race
}

// Package is the package that the files of layers belong to, and its directory.
const Package = "layers"

// A Result is what a program reports.
type Result struct {
	Differences []Difference
	Runs        map[string]int // by set of instructions
}

// A Difference is a problem whose results are others than those of the plan.
type Difference struct{ Layer, What string }

// Run writes the program, builds it and runs it. Files are those of the units, of
// the package [Package].
func (p *Program) Run(units []*plan.Unit, files []plan.File, problems []Problem) (*Result, error) {
	if err := p.write(units, files); err != nil {
		return nil, err
	}
	var data bytes.Buffer
	enc := gob.NewEncoder(&data)
	for i := range problems {
		if err := enc.Encode(&problems[i]); err != nil {
			return nil, err
		}
	}
	if err := p.file("problems", data.Bytes()); err != nil {
		return nil, err
	}
	if _, err := p.command("go", append(append([]string{"build", "-trimpath", "-o", "run"}, p.Flags...), ".")...); err != nil {
		return nil, err
	}
	out, err := p.command(filepath.Join(p.Dir, "run"), "problems")
	if err != nil {
		return nil, err
	}
	return parse(out)
}

// command runs a command in the program's directory.
func (p *Program) command(name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = p.Dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -mod=mod"))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(append([]string{filepath.Base(name)}, args...), " "), err, stderr.Bytes())
	}
	return out, nil
}

func (p *Program) write(units []*plan.Unit, files []plan.File) error {
	sources, err := fs.Glob(runner, "testdata/run/*.go")
	if err != nil {
		return err
	}
	for _, s := range sources {
		text, err := runner.ReadFile(s)
		if err != nil {
			return err
		}
		if err := p.file(path.Base(s), text); err != nil {
			return err
		}
	}
	for _, f := range files {
		if err := p.file(filepath.Join(Package, f.Name), f.Data); err != nil {
			return err
		}
	}
	sums, err := os.ReadFile(filepath.Join(p.Module, "go.sum"))
	if err != nil {
		return err
	}
	if err := p.file("go.sum", sums); err != nil {
		return err
	}
	const mod = "module trial\n\ngo 1.26\n\nrequire github.com/normgen/normgen v0.0.0\n\nreplace github.com/normgen/normgen => "
	if err := p.file("go.mod", []byte(mod+p.Module+"\n")); err != nil {
		return err
	}
	return p.file("table.go", table(units))
}

func (p *Program) file(name string, data []byte) error {
	name = filepath.Join(p.Dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o644)
}

// table is the file of the constructors.
func table(units []*plan.Unit) []byte {
	var b bytes.Buffer
	b.WriteString("package main\n\nimport (\n\t\"github.com/normgen/normgen/runtime\"\n\t\"trial/" + Package + "\"\n)\n\n")
	b.WriteString("var makers = map[string]func(size, knob []int) (*runtime.LayerOf[float32], error){\n")
	for _, u := range units {
		fmt.Fprintf(&b, "\t%q: %s,\n", u.Name, maker(u))
	}
	b.WriteString("}\n")
	return b.Bytes()
}

// maker is a function that calls the constructor of a unit.
func maker(u *plan.Unit) string {
	sizes, _ := arguments(u, make([]int, len(u.Layer.Axes)))
	args, fields := "", ""
	for i := range sizes {
		args += fmt.Sprintf("size[%d], ", i)
	}
	for i, k := range sizeKnobs(u) {
		fields += fmt.Sprintf("%s: knob[%d], ", strings.ToUpper(k.Name[:1])+k.Name[1:], i)
	}
	return fmt.Sprintf("func(size, knob []int) (*runtime.LayerOf[float32], error) { l, err := %[1]s.New%[2]s(%[3]s%[1]s.%[2]sOptions{%[4]s}); if err != nil { return nil, err }; return &l.LayerOf, nil }",
		Package, u.Name, args, fields)
}

// parse reads what a program printed.
func parse(out []byte) (*Result, error) {
	r := &Result{Runs: map[string]int{}}
	for _, line := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
		kind, rest, _ := strings.Cut(line, "\t")
		name, what, ok := strings.Cut(rest, "\t")
		var n int
		switch {
		case ok && kind == "differs":
			r.Differences = append(r.Differences, Difference{name, what})
		case ok && kind == "ran":
			if _, err := fmt.Sscan(what, &n); err != nil {
				return nil, fmt.Errorf("trial: the program printed %q", line)
			}
			r.Runs[name] = n
		default:
			return nil, fmt.Errorf("trial: the program printed %q", line)
		}
	}
	if len(r.Runs) == 0 {
		return nil, fmt.Errorf("trial: the program ran nothing")
	}
	return r, nil
}
