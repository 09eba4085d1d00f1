package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/benchmark/parse"
)

// TestMain makes this binary stand in for the peers' interpreter.
func TestMain(m *testing.M) {
	if os.Getenv("NORMBENCH_TEST_PEER") != "" {
		standIn(os.Args[2])
		return
	}
	os.Exit(m.Run())
}

// bench runs the tool and returns its exit code and what it wrote.
func bench(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = command(args, &out, &errs, nil)
	return code, out.String(), errs.String()
}

// small is a run of a second.
func small(more ...string) []string {
	return append([]string{"-norms", "RMSNorm", "-shapes", "4x32", "-isa", "go", "-rounds", "2"}, more...)
}

func TestBadUsage(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"-norms LayerNrom", `no norm "LayerNrom"`},
		{"-shapes 3", "1 sizes; write rows x columns"},
		{"-shapes 3xtwo", `"two" is not a size`},
		{"-shapes 0x4", `"0" is not a size`},
		{"-shapes 1048576x1048576", "more than 268435456 elements"},
		{"-shapes 9223372036854775807x9223372036854775807", "more than 268435456 elements"},
		{"-ops sideways", `no pass "sideways"`},
		{"-isa z80", `no "z80" kernels on this machine`},
		{"-workers 0", "-workers"},
		{"-workers 100000", "numbers from 1 to"},
		{"-rounds 0", "-rounds 0"},
		{"-json -md", "-json and -md"},
		{"-norms LayerNorm -shapes 2x3x4", "none of the norms takes any of the shapes"},
		{"-nosuchflag", "not defined"},
		{"LayerNorm", "flags only"},
	} {
		code, out, errs := bench(strings.Fields(test.args)...)
		if code != 2 || out != "" || !strings.Contains(errs, test.want) {
			t.Errorf("%s: exit %d, stdout %q, stderr %q; want exit 2 and %q", test.args, code, out, errs, test.want)
		}
	}
	if code, _, errs := bench("-h"); code != 0 || !strings.Contains(errs, "-chart") {
		t.Errorf("-h: exit %d, %q", code, errs)
	}
}

// TestLong holds -long to adding the largest shape.
func TestLong(t *testing.T) {
	for args, want := range map[string]bool{"": false, "-long": true} {
		o, err := parseOptions(strings.Fields(args), os.Stderr)
		has := slices.ContainsFunc(o.shapes, func(s shape) bool { return s.String() == "16384x1024" })
		if err != nil || has != want {
			t.Errorf("%q: largest shape %t, error %v; want %t", args, has, err, want)
		}
	}
}

// TestBenchFormat reads the lines with the parser that other tools use.
func TestBenchFormat(t *testing.T) {
	code, out, errs := bench(small()...)
	set, err := parse.ParseSet(strings.NewReader(out))
	if code != 0 || errs != "" || err != nil {
		t.Fatalf("exit %d, %v, stderr %q", code, err, errs)
	}
	for _, o := range ops {
		b := set["BenchmarkRMSNorm/"+string(o)+"/4x32/go-1"]
		if len(b) != 1 || b[0].N < 2 || b[0].NsPerOp <= 0 || b[0].MBPerS <= 0 {
			t.Errorf("%s: %v in\n%s", o, b, out)
		}
	}
	if !strings.Contains(out, "\nnorm     pass      shape  kernels  workers  time") {
		t.Errorf("no aligned table in\n%s", out)
	}
}

// TestJSON holds each line to the keys that are promised, with times that can be.
func TestJSON(t *testing.T) {
	code, out, errs := bench(small("-json")...)
	if code != 0 || errs != "" {
		t.Fatalf("exit %d, %s", code, errs)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != len(ops) {
		t.Fatalf("%d lines, want one for each pass:\n%s", len(lines), out)
	}
	for i, text := range lines {
		var got map[string]any
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string]any{"norm": "RMSNorm", "op": string(ops[i]), "shape": "4x32", "isa": "go",
			"workers": 1.0, "rounds": 2.0} {
			if got[key] != want {
				t.Errorf("%s is %v, want %v", key, got[key], want)
			}
		}
		for _, key := range []string{"ns", "limit_ns", "loop_ns", "over_limit"} {
			if ns, ok := got[key].(float64); !ok || ns <= 0 {
				t.Errorf("%s is %v", key, got[key])
			}
		}
		if _, ok := got["peers"].(map[string]any); !ok || got["limit"] == "" {
			t.Errorf("peers %v, limit %v", got["peers"], got["limit"])
		}
	}
}

var fixed = []result{
	{Norm: "LayerNorm", Op: forward, Shape: "8x64", ISA: "avx2", Workers: 1, NS: 81.26, LimitNS: 19, OverLimit: 4.3,
		LoopNS: 1219, Peers: map[string]float64{"slow": 4000, "fast": 332}, elements: 512},
	{Norm: "LayerNorm", Op: forward, Shape: "512x768", ISA: "avx2", Workers: 2, NS: 999.6e3, LimitNS: 1e6, OverLimit: 1,
		elements: 512 * 768},
}

func TestTable(t *testing.T) {
	var b strings.Builder
	if err := writeTable(&b, fixed); err != nil {
		t.Fatal(err)
	}
	const want = `
norm       pass     shape    kernels  workers  time     limit  time/limit  loop/time  peer/time  fastest peer
LayerNorm  forward  8x64     avx2     1        81.3 ns  19 ns  4.30        15.00      4.09       fast
LayerNorm  forward  512x768  avx2     2        1 ms     1 ms   1.00        -          -          -
`
	if got := "\n" + b.String(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestMarkdown(t *testing.T) {
	var b strings.Builder
	if err := writeMarkdown(&b, fixed[:1]); err != nil {
		t.Fatal(err)
	}
	const want = `
| norm | pass | shape | kernels | workers | time | limit | time/limit | loop/time | peer/time | fastest peer |
|---|---|---|---|--:|--:|--:|--:|--:|--:|---|
| LayerNorm | forward | 8x64 | avx2 | 1 | 81.3 ns | 19 ns | 4.30 | 15.00 | 4.09 | fast |
`
	if got := "\n" + b.String(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// TestChart reads the picture back: it is a PNG, and the curve is in it.
func TestChart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "chart.png")
	if err := drawChart(file, fixed); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	wr, wg, wb, _ := palette[0].RGBA()
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if r, g, b, _ := img.At(x, y).RGBA(); r == wr && g == wg && b == wb {
				found++
			}
		}
	}
	// two dots of 2 points' radius alone have a dozen pixels
	if found < 12 {
		t.Errorf("%d pixels of the curve's colour in %v", found, img.Bounds())
	}
	if err := drawChart(filepath.Join(t.TempDir(), "no", "such", "directory.png"), fixed); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a chart where none can be: %v", err)
	}
}
