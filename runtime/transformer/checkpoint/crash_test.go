//go:build unix

package checkpoint

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/normgen/normgen/runtime/transformer"
	"github.com/normgen/normgen/testdata/gates"
)

// Sizes of states: writing a large one takes long enough to be killed in the middle.
const (
	little = 1 << 12
	large  = 1 << 18
)

// numbered is a state of which every part says n, of about size elements.
func numbered(n, size int) State {
	var s State
	for i, size := range []int{size / 2, 1, size / 3, 1000} {
		data := make([]float32, size)
		for j := range data {
			data[j] = float32(n)
		}
		s.Tensors = append(s.Tensors, transformer.Tensor{Name: strconv.Itoa(i), Shape: []int{size}, Data: data})
	}
	s.Counters = []transformer.Counter{{Name: "step", Value: uint64(n)}}
	return s
}

// number reads a state and returns the n that all of it says.
func number(path string, size int) (int, error) {
	f, err := Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	n := int(f.Counters["step"])
	want := numbered(n, size)
	got := zeroed(want.Tensors)
	if err := Read(f, got); err != nil {
		return 0, err
	}
	if !sameBits(want.Tensors, got) {
		return 0, fmt.Errorf("%s: parts of several states", path)
	}
	return n, nil
}

// childVariable makes the test binary a program that saves states until it is
// killed, and says which ones it has saved: its value is the file and the first
// number.
const childVariable = "NORMGEN_TEST_SAVES"

func TestMain(m *testing.M) {
	for variable, job := range map[string]func(string) error{childVariable: saveJob, trainVariable: trainJob} {
		if value, ok := os.LookupEnv(variable); ok {
			if err := job(value); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

func saveJob(job string) error {
	first, path, _ := strings.Cut(job, ":")
	n, err := strconv.Atoi(first)
	for ; err == nil; n++ {
		if err = Save(path, numbered(n, large)); err == nil {
			fmt.Println(n)
		}
	}
	return err
}

// TestGate22KilledSave: whenever a program is killed, the file is a whole state, and
// at least as new as the last one that it said it had saved. The next one to save
// leaves nothing else behind.
func TestGate22KilledSave(t *testing.T) {
	g := gates.Open(t, 22, "kill -9 while a checkpoint is saved")
	kills := gates.Sized(50, 200)
	dir := t.TempDir()
	path := filepath.Join(dir, "run.safetensors")
	if err := Save(path, numbered(1, large)); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(22, 1))
	at, inside := 1, 0
	for range kills {
		said := saveUntilKilled(t, path, at+1, random)
		if slices.Contains(list(t, dir), ".run.safetensors.tmp") {
			inside++
		}
		n, err := number(path, large)
		if err != nil {
			t.Fatal(err)
		}
		if n < said || n < at {
			t.Fatalf("state %d is there, after %d was saved", n, max(said, at))
		}
		at = n
	}
	if err := Save(path, numbered(at, large)); err != nil {
		t.Fatal(err)
	}
	if names := list(t, dir); !slices.Equal(names, []string{"run.safetensors"}) {
		t.Errorf("the directory has %q", names)
	}
	if inside == 0 {
		t.Error("no kill came while a file was being written")
	}
	g.Figure("%d kills, %d of them inside a write, %d states saved, each time a whole one was there", kills, inside, at)
}

// saveUntilKilled starts a program that saves states from number n on, kills it at a
// random moment, and returns the number that it said last.
func saveUntilKilled(t *testing.T, path string, n int, random *rand.Rand) int {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d:%s", childVariable, n, path))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	said := 0
	killer := time.AfterFunc(time.Hour, func() {})
	for lines.Scan() {
		if said == 0 { // it is saving now
			killer = time.AfterFunc(time.Duration(random.IntN(40000))*time.Microsecond, func() { cmd.Process.Kill() })
		}
		if said, err = strconv.Atoi(lines.Text()); err != nil {
			break // the kill cut a line
		}
	}
	killer.Stop()
	cmd.Wait()
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		t.Fatalf("the program ended by itself: %v", cmd.ProcessState)
	}
	return said
}

// TestGate23Loaders: whoever reads during saves sees a whole state, and never an
// older one than before.
func TestGate23Loaders(t *testing.T) {
	g := gates.Open(t, 23, "8 loaders during 100 saves of a checkpoint")
	path := filepath.Join(t.TempDir(), "run")
	if err := Save(path, numbered(0, little)); err != nil {
		t.Fatal(err)
	}
	const loaders, saves = 8, 100
	done := make(chan struct{})
	var loads [loaders]int
	var wait sync.WaitGroup
	for i := range loaders {
		wait.Go(func() {
			last := 0
			for {
				n, err := number(path, little)
				if err != nil || n < last {
					t.Errorf("state %d after %d: %v", n, last, err)
					return
				}
				last = n
				loads[i]++
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for n := range saves {
		if err := Save(path, numbered(n+1, little)); err != nil {
			t.Error(err)
		}
	}
	close(done)
	wait.Wait()
	total := 0
	for _, n := range loads {
		total += n
	}
	if n, err := number(path, little); n != saves || err != nil {
		t.Errorf("state %d at the end: %v", n, err)
	}
	g.Figure("%d loads, each of a whole state", total)
}

// TestTwoSavers: programs that save at once wait for each other.
func TestTwoSavers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run")
	var wait sync.WaitGroup
	for i := range 4 {
		wait.Go(func() {
			for n := range 10 {
				if err := Save(path, numbered(10*i+n, little)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if _, err := number(path, little); err != nil {
		t.Error(err)
	}
}

// A failing folder fails its nth operation, and all writes from then on.
type failing struct {
	folder
	left int
	err  error
}

func (f *failing) fail() error {
	if f.left--; f.left < 0 {
		return f.err
	}
	return nil
}

func (f *failing) create(name string) (sink, error) {
	if err := f.fail(); err != nil {
		return nil, err
	}
	s, err := f.folder.create(name)
	return &failingSink{s, f}, err
}

func (f *failing) rename(from, to string) error {
	if err := f.fail(); err != nil {
		return err
	}
	return f.folder.rename(from, to)
}

func (f *failing) sync() error {
	if err := f.fail(); err != nil {
		return err
	}
	return f.folder.sync()
}

type failingSink struct {
	sink
	folder *failing
}

func (s *failingSink) Write(p []byte) (int, error) {
	if err := s.folder.fail(); err != nil {
		n, _ := s.sink.Write(p[:len(p)/2]) // as a full disk does
		return n, err
	}
	return s.sink.Write(p)
}

func (s *failingSink) Sync() error {
	if err := s.folder.fail(); err != nil {
		return err
	}
	return s.sink.Sync()
}

func (s *failingSink) Close() error {
	err := s.folder.fail()
	return errors.Join(err, s.sink.Close())
}

// TestGate22DiskFails: a disk that is full, or broken, at any single step leaves the
// old file or the new one, and an error.
func TestGate22DiskFails(t *testing.T) {
	g := gates.Open(t, 22, "ENOSPC and EIO at every step of a save")
	steps := 0
	for _, cause := range []error{syscall.ENOSPC, syscall.EIO} {
		for step := 0; ; step++ {
			dir := t.TempDir()
			path := filepath.Join(dir, "run")
			if err := Save(path, numbered(1, large)); err != nil {
				t.Fatal(err)
			}
			err := saveFailing(dir, "run", step, cause)
			n, readErr := number(path, large)
			if readErr != nil {
				t.Fatalf("%v at step %d: %v", cause, step, readErr)
			}
			if names := list(t, dir); !slices.Equal(names, []string{"run"}) {
				t.Errorf("%v at step %d leaves %q", cause, step, names)
			}
			if err == nil {
				if n != 2 {
					t.Errorf("state %d after a save without errors", n)
				}
				break
			}
			if !errors.Is(err, cause) {
				t.Errorf("step %d: error %v, want %v", step, err, cause)
			}
			steps++
		}
	}
	if steps < 20 { // a create, four writes or more, a sync, a close, a rename and a sync, twice
		t.Errorf("only %d steps failed", steps)
	}
	g.Figure("%d failures, each with an error and a whole file", steps)
}

// saveFailing saves state 2 on a disk that fails at a step.
func saveFailing(dir, name string, step int, cause error) error {
	d, err := openFolder(dir)
	if err != nil {
		return err
	}
	s := numbered(2, large)
	content, err := s.content()
	if err == nil {
		err = replace(&failing{folder: d, left: step, err: cause}, name, content)
	}
	return errors.Join(err, d.close())
}

// TestReplaceRefused: what is no file is not replaced, and links are not followed.
func TestReplaceRefused(t *testing.T) {
	dir := t.TempDir()
	for name, make := range map[string]func(path string) error{
		"a folder": func(path string) error { return os.Mkdir(path, 0o700) },
		"a link":   func(path string) error { return os.Symlink("elsewhere", path) },
		"a pipe":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
	} {
		path := filepath.Join(dir, name)
		if err := make(path); err != nil {
			t.Fatal(err)
		}
		if err := Save(path, small()); err == nil || !strings.Contains(err.Error(), "is not a regular file") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if err := Save(filepath.Join(dir, "none", "run"), small()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if names := list(t, dir); !slices.Equal(names, []string{"a folder", "a link", "a pipe"}) {
		t.Errorf("the directory has %q", names)
	}
}

// TestReplaceTemporary: a link in place of the temporary file is removed, not written
// through.
func TestReplaceTemporary(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "other")
	if err := os.WriteFile(other, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("other", filepath.Join(dir, ".run.tmp")); err != nil {
		t.Fatal(err)
	}
	err := Replace(filepath.Join(dir, "run"), func(w io.Writer) error {
		_, err := io.WriteString(w, "new")
		return err
	})
	if err != nil || string(contents(t, other)) != "mine" || string(contents(t, filepath.Join(dir, "run"))) != "new" {
		t.Errorf("%q: %v", contents(t, other), err)
	}
	if names := list(t, dir); !slices.Equal(names, []string{"other", "run"}) {
		t.Errorf("the directory has %q", names)
	}
}
