package main

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

//go:embed mutations.txt
var mutationText string

// A mutation is a fault to put into a file of the module, and the test that must see
// it.
type mutation struct {
	what          string
	file          string
	pkg, test     string
	before, after string
}

// mutations reads the list of faults.
func mutations() ([]mutation, error) {
	var out []mutation
	_, list, _ := strings.Cut(mutationText, "\n# ")
	for _, entry := range strings.Split(list, "\n# ") {
		what, rest, _ := strings.Cut(entry, "\n")
		head, rest, _ := strings.Cut(rest, "\n- ")
		before, after, ok := strings.Cut(rest, "\n+ ")
		fields := strings.Fields(head)
		if !ok || len(fields) != 3 {
			return nil, fmt.Errorf("the mutation %q has no file, package, test and two texts", what)
		}
		out = append(out, mutation{what, fields[0], fields[1], fields[2], before, strings.TrimRight(after, "\n")})
	}
	return out, nil
}

// mutated returns the file with the fault. The text must be there, once: a fault that
// no longer fits the code is not one.
func (m mutation) mutated(module string) (string, error) {
	text, err := os.ReadFile(filepath.Join(module, m.file))
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(text), m.before); n != 1 {
		return "", fmt.Errorf("%s has the text of the mutation %q %d times", m.file, m.what, n)
	}
	return strings.Replace(string(text), m.before, m.after, 1), nil
}

// run puts the fault in by an overlay, which leaves the module as it is, and runs the
// test. It returns the failing tests' names, none if the fault survives.
func (m mutation) run(module, dir string) (killers []string, err error) {
	text, err := m.mutated(module)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, filepath.Base(m.file))
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return nil, err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(module, m.file): file}})
	if err != nil {
		return nil, err
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o644); err != nil {
		return nil, err
	}
	out, err := goTest(module, m.pkg, m.test, "-overlay="+list)
	if strings.Contains(out, "[build failed]") || strings.Contains(out, "[setup failed]") {
		return nil, fmt.Errorf("the mutation %q does not compile:\n%s", m.what, out)
	}
	if err == nil {
		return nil, nil
	}
	return failing(out), nil
}

// goTest runs tests of a package, at the size of a push (see testdata/gates). What a
// fault keeps from ending fails in time. Flags go into the environment: programs that
// tests build have the fault too.
func goTest(module, pkg, test string, flags ...string) (string, error) {
	cmd := exec.Command("go", "test", "-short", "-count=1", "-failfast", "-timeout", "5m", "-run", "^("+test+")", pkg)
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" "+strings.Join(flags, " ")), "NORMGEN_GATES=")
	out, err := cmd.CombinedOutput()
	if strings.Contains(string(out), "[no tests to run]") {
		err = errors.Join(err, fmt.Errorf("%s has no test %s", pkg, test))
	}
	return string(out), err
}

var failLine = regexp.MustCompile(`(?m)^--- FAIL: (\w+)`)

// failing lists the tests that failed; one that the process died in counts as well.
func failing(out string) []string {
	var names []string
	for _, m := range failLine.FindAllStringSubmatch(out, -1) {
		names = append(names, m[1])
	}
	if len(names) == 0 {
		names = append(names, "the process")
	}
	return names
}

// mutate runs all faults, or those whose description contains one of the words.
func (t *tool) mutate(module string, words []string) error {
	list, err := mutations()
	if err != nil {
		return err
	}
	sound := map[string]bool{}
	killed, ran := 0, 0
	for _, m := range list {
		if !matches(m.what, words) {
			continue
		}
		if key := m.pkg + " " + m.test; !sound[key] {
			if out, err := goTest(module, m.pkg, m.test); err != nil {
				return fmt.Errorf("without a fault %s fails: %w\n%s", key, err, out)
			}
			sound[key] = true
		}
		killers, err := m.runIn(module)
		if err != nil {
			return err
		}
		ran++
		if len(killers) > 0 {
			killed++
			fmt.Fprintf(t.stdout, "killed    %-70s %s\n", m.what, strings.Join(killers, " "))
		} else {
			fmt.Fprintf(t.stdout, "SURVIVED  %-70s %s %s\n", m.what, m.pkg, m.test)
		}
	}
	fmt.Fprintf(t.stdout, "%d of %d killed\n", killed, ran)
	if killed < ran || ran == 0 {
		return fmt.Errorf("%d faults survive", ran-killed)
	}
	return nil
}

func (m mutation) runIn(module string) ([]string, error) {
	dir, err := os.MkdirTemp("", "normgen")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	return m.run(module, dir)
}

func matches(what string, words []string) bool {
	for _, w := range words {
		if strings.Contains(what, w) {
			return true
		}
	}
	return len(words) == 0
}
