package run

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPresets: every task and size begins with settings that can be run.
func TestPresets(t *testing.T) {
	for _, task := range Tasks() {
		for _, size := range append(Sizes(), "") {
			s, err := Preset(task, size)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Check(); err != nil {
				t.Errorf("%s, %s: %v", task, size, err)
			}
			if s.Width%s.Heads != 0 || s.Task != task {
				t.Errorf("%s, %s: %+v", task, size, s)
			}
			text, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := Decode(text); err != nil || again != s {
				t.Errorf("%s, %s: read back as %+v (%v)", task, size, again, err)
			}
		}
	}
}

// TestDecode begins with the preset of the task and size.
func TestDecode(t *testing.T) {
	s, err := Decode([]byte(`{"task": "ptb", "size": "mini", "rate": 0.5}`))
	want, _ := Preset("ptb", "mini")
	want.Rate = 0.5
	if err != nil || s != want {
		t.Errorf("%+v (%v), want %+v", s, err, want)
	}
	for text, want := range map[string]string{
		`{"task": "potato"}`: "no task", `{"rat": 1}`: "unknown field", `{"rate": "1"}`: "cannot unmarshal", `{`: "unexpected end"} {
		if _, err := Decode([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// TestSchedules: rates rise to the top and end where they should.
func TestSchedules(t *testing.T) {
	s := Settings{Rate: 2, Warmup: 10, Steps: 110, Schedule: cosine}
	for step, want := range map[int]float64{1: 0.2, 5: 1, 10: 2, 60: 2 * (0.01 + 0.99/2), 110: 0.02, 200: 0.02} {
		if got := s.training().Schedule(step); math.Abs(got-want) > 1e-12 {
			t.Errorf("cosine, step %d: %v, want %v", step, got, want)
		}
	}
	s.Schedule = constant
	for step, want := range map[int]float64{1: 0.2, 10: 2, 1000: 2} {
		if got := s.training().Schedule(step); got != want {
			t.Errorf("constant, step %d: %v, want %v", step, got, want)
		}
	}
}

// TestPart: a run is as far as whichever of its limits is nearer.
func TestPart(t *testing.T) {
	s := Settings{Steps: 100, Minutes: 1}
	for _, c := range []struct {
		step    int
		seconds float64
		want    float64
	}{{50, 0, 0.5}, {10, 30, 0.5}, {200, 0, 1}, {0, 600, 1}} {
		if got := s.Part(c.step, c.seconds); got != c.want {
			t.Errorf("step %d, %v s: %v, want %v", c.step, c.seconds, got, c.want)
		}
	}
}

// TestReal: numbers that JSON does not have are null, and come back as none.
func TestReal(t *testing.T) {
	text, err := json.Marshal([]Real{1.5, Real(math.Inf(1)), Real(math.NaN())})
	if err != nil || string(text) != "[1.5,null,null]" {
		t.Fatalf("%s (%v)", text, err)
	}
	var back []Real
	if err := json.Unmarshal(text, &back); err != nil || back[0] != 1.5 || back[1].Finite() || back[2].Finite() {
		t.Errorf("%v (%v)", back, err)
	}
}

// TestTable: what was written after the last step is cut off, as is half a row.
func TestTable(t *testing.T) {
	name := filepath.Join(t.TempDir(), "t.csv")
	write := func(last int, steps ...int) {
		t.Helper()
		table, err := OpenTable(name, last, "step", "word", "value")
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range steps {
			if err := table.Add(s, []string{"a,b"}, float64(s)/3); err != nil {
				t.Fatal(err)
			}
		}
		if err := table.Add(9, nil); err == nil {
			t.Error("a row of one value was taken")
		}
		if err := table.Close(); err != nil {
			t.Fatal(err)
		}
	}
	write(0, 1, 2, 3, 4)
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString(`5,"a`)
	f.Close()
	write(2, 3)
	rows, err := ReadTable(name)
	if err != nil {
		t.Fatal(err)
	}
	if got := rows.Numbers("step"); !slices.Equal(got, []float64{1, 2, 3}) {
		t.Errorf("steps %v", got)
	}
	if got := rows.Words("word"); got[2] != "a,b" || rows.Words("nothing") != nil {
		t.Errorf("words %q", got)
	}
	if got := rows.Numbers("word"); got[0] == got[0] {
		t.Errorf("a word is the number %v", got[0])
	}
	none, some := rows.Where("word", "c"), rows.Where("word", "a,b")
	if none.Len() != 0 || some.Len() != 3 {
		t.Errorf("%d rows with c, %d with a,b", none.Len(), some.Len())
	}
}

// TestDifferences: a run may go on for longer, and with nothing else changed.
func TestDifferences(t *testing.T) {
	a, err := Preset("ptb", "")
	if err != nil {
		t.Fatal(err)
	}
	b := a
	b.Steps, b.Minutes, b.Beam, b.Log, b.Evaluate = 7, 8, 9, 10, 11
	if d := differences(a, b); len(d) != 0 {
		t.Error(d)
	}
	b.Width, b.Spec = 5, "x.dsl"
	if d := differences(a, b); !slices.Equal(d, []string{"spec is <nil> there", "width is 256 there"}) {
		t.Error(d)
	}
}
