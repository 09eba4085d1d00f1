//go:build unix

package checkpoint

import (
	"bufio"
	"fmt"
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
