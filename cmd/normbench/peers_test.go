package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"
)

// standIn answers like peers/main.py: with a peer that computes RMSNorm's
// forward, one that computes something else, one that fails in the race, and one
// that is missing.
func standIn(dir string) {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var q request
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			panic(err)
		}
		line, err := json.Marshal(answer(q, dir))
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s\n", line)
	}
}

func answer(q request, dir string) reply {
	switch {
	case q.Do == "hello":
		return reply{Peers: []string{"right", "wrong", "late"}, Missing: map[string]string{"absent": "not installed"}}
	case q.Do == "open" && q.Op == forward:
		return reply{Peers: []string{"right", "wrong", "late"}}
	case q.Do == "open":
		return reply{Missing: map[string]string{"right": "no such pass"}}
	case q.Do == "check":
		y := rootMeanSquare(load(dir, "x"), load(dir, "gamma"))
		if q.Peer == "wrong" {
			y[5] += 0.1
		}
		if err := os.WriteFile(filepath.Join(dir, "result.f32"), bytesOf(y), 0o600); err != nil {
			panic(err)
		}
	case q.Do == "time" && q.Peer == "late":
		return reply{Error: "out of memory"}
	case q.Do == "time":
		return reply{NS: 123000 * float64(q.Calls)}
	}
	return reply{}
}

func load(dir, name string) []float32 {
	data, err := os.ReadFile(filepath.Join(dir, name+".f32"))
	if err != nil {
		panic(err)
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(data))), len(data)/4)
}

// rootMeanSquare is RMSNorm in float64.
func rootMeanSquare(x, gamma []float32) []float32 {
	var y []float32
	c := len(gamma)
	for i := 0; i < len(x); i += c {
		ms := 0.0
		for _, v := range x[i : i+c] {
			ms += float64(v) * float64(v) / float64(c)
		}
		for j, v := range x[i : i+c] {
			y = append(y, float32(float64(v)*float64(gamma[j])/math.Sqrt(ms+1e-6)))
		}
	}
	return y
}

func TestPeers(t *testing.T) {
	t.Setenv("NORMBENCH_TEST_PEER", "1")
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	code, out, errs := bench(small("-json", "-ops", "forward,infer", "-peers", "-python", os.Args[0])...)
	if code != 0 {
		t.Fatalf("exit %d, %s", code, errs)
	}
	var r [2]result
	d := json.NewDecoder(strings.NewReader(out))
	for i := range r {
		if err := d.Decode(&r[i]); err != nil {
			t.Fatal(err)
		}
	}
	if len(r[0].Peers) != 1 || r[0].Peers["right"] != 123000 || len(r[1].Peers) != 0 {
		t.Errorf("peers forward %v, infer %v", r[0].Peers, r[1].Peers)
	}
	for _, want := range []string{"peer right", "no absent: not installed", "wrong leaves RMSNorm forward 4x32: its result differs",
		"late failed: out of memory", "no right: no such pass"} {
		if !strings.Contains(errs, want) {
			t.Errorf("%q is not in\n%s", want, errs)
		}
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) != 0 {
		t.Errorf("%v is left behind, %v", left, err)
	}
}

// TestNoInterpreter goes on without peers.
func TestNoInterpreter(t *testing.T) {
	code, out, errs := bench(small("-json", "-ops", "infer", "-peers", "-python", filepath.Join(t.TempDir(), "python"))...)
	if code != 0 || !strings.Contains(errs, "without peers") || strings.Count(out, "\n") != 1 {
		t.Errorf("exit %d, stdout %q, stderr %q", code, out, errs)
	}
}
