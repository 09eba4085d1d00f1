package lab

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
)

const module = "github.com/normgen/normgen"

// withSpec makes the norms of a spec available, if there is one that t does not have
// yet: normgen compiles it, and the command runs in a program that has its norms besides
// the library's. If over is true the command ends with the status.
//
// Interpreting the plan would need no toolchain, and takes a thousand times as long.
func (t *tool) withSpec(spec string) (status exit, over bool) {
	if spec == "" || spec == t.spec {
		return done, false
	}
	dir, err := os.MkdirTemp("", "normlab-")
	if err != nil {
		return t.fail(err), true
	}
	defer os.RemoveAll(dir)
	program, err := t.build(spec, dir)
	if err != nil {
		return t.fail(fmt.Errorf("-spec %s: %w", spec, err)), true
	}
	cmd := exec.Command(program, t.args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = t.stdin, t.stdout, t.stderr
	defer ignoreInterrupts()() // the program has its own way to end, and gets the same signal
	err = cmd.Run()
	if e, ok := errors.AsType[*exec.ExitError](err); ok && e.ExitCode() >= 0 {
		return exit(e.ExitCode()), true
	}
	if err != nil {
		return t.fail(err), true
	}
	return done, true
}

// build makes the program in dir and returns its path.
func (t *tool) build(spec, dir string) (string, error) {
	path, err := filepath.Abs(spec)
	if err != nil {
		return "", err
	}
	source, err := moduleDir(dir)
	if err != nil {
		return "", err
	}
	compiler, program := filepath.Join(dir, "normgen"), filepath.Join(dir, "normlab")
	if err := t.command(source, "go", "build", "-o", compiler, "./cmd/normgen"); err != nil {
		return "", err
	}
	if err := t.command(".", compiler, "-spec", path, "-o", filepath.Join(dir, "norms"), "-pkg", "norms"); err != nil {
		return "", errors.New("normgen did not compile it")
	}
	if err := writeModule(source, dir, spec); err != nil {
		return "", err
	}
	return program, t.command(dir, "go", "build", "-o", program, ".")
}

// command runs a program quietly; what it writes to stderr is shown.
func (t *tool) command(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stderr = dir, t.stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w", filepath.Base(name), args[0], err)
	}
	return nil
}

// moduleDir is where the sources of normgen are: the checkout or module that the
// current directory is in, or else those of the version that this program is of.
func moduleDir(scratch string) (string, error) {
	ask := func(query string) (string, error) {
		out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", query).Output()
		return strings.TrimSpace(string(out)), err
	}
	if _, err := exec.LookPath("go"); err != nil {
		return "", fmt.Errorf("norms of your own are compiled with Go 1.26, and there is no go command: %w", err)
	}
	if dir, err := ask(module); err == nil && dir != "" {
		return dir, nil
	}
	info, _ := debug.ReadBuildInfo()
	if info == nil || info.Main.Path != module || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "", fmt.Errorf("the sources of %s are needed: run it in a checkout, or in a module that requires it", module)
	}
	cmd := exec.Command("go", "mod", "download", module+"@"+info.Main.Version)
	cmd.Dir = scratch
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return ask(module + "@" + info.Main.Version)
}

// catalogueFunc finds the function that lists norms in a generated file.
var catalogueFunc = regexp.MustCompile(`(?m)^func (\w+Catalogue)\(\)`)

// writeModule writes a module around the generated norms. It has the requirements of
// normgen itself, so that nothing is to be fetched.
func writeModule(source, dir, spec string) error {
	files, err := filepath.Glob(filepath.Join(dir, "norms", "*_catalogue_norm.go"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New("no norm in it fits a model: one input, one output, at most one mask, statistics of rows or of all rows")
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		return err
	}
	name := catalogueFunc.FindSubmatch(text)
	if name == nil {
		return fmt.Errorf("%s lists no norms", filepath.Base(files[0]))
	}
	mod, err := os.ReadFile(filepath.Join(source, "go.mod"))
	if err != nil {
		return err
	}
	sum, err := os.ReadFile(filepath.Join(source, "go.sum"))
	if err != nil {
		return err
	}
	own := strings.Replace(string(mod), "module "+module, "module own", 1) +
		fmt.Sprintf("\nrequire %s v0.0.0\n\nreplace %s => %q\n", module, module, source)
	main := fmt.Sprintf(program, module+"/cmd/normlab/lab", module+"/generated", name[1], spec)
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "go.mod"), []byte(own), 0o644),
		os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o644),
		os.WriteFile(filepath.Join(dir, "main.go"), []byte(main), 0o644))
}

// program is normlab with more norms.
const program = `package main

import (
	"os"

	"own/norms"

	%q
	%q
)

func main() { os.Exit(lab.Main(append(norms.%s(), generated.Catalogue()...), %q)) }
`
