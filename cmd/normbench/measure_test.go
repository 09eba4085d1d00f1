package main

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// A clock hands out times and notes who asked.
type clock struct{ asked []string }

func (c *clock) contender(name string, each time.Duration) *contender {
	return &contender{name: name, time: func(calls int) (time.Duration, error) {
		c.asked = append(c.asked, name)
		return time.Duration(calls) * each, nil
	}}
}

// TestRace follows a race of known times: the faster limit is chosen, it runs
// right before each contender, and short calls are repeated to fill a sample.
func TestRace(t *testing.T) {
	var c clock
	slow, fast := c.contender("slow", 20*time.Microsecond), c.contender("fast", 10*time.Microsecond)
	a, b := c.contender("a", time.Millisecond), c.contender("b", 30*time.Microsecond)
	best, err := race{[]*contender{slow, fast}, []*contender{a, b}, 3}.run()
	if err != nil || best != fast {
		t.Fatalf("the limit is %v, %v", best, err)
	}
	end := c.asked[len(c.asked)-24:]
	round := []string{"fast", "fast", "a", "a", "fast", "fast", "b", "b"} // untimed, timed
	if !slices.Equal(end, slices.Concat(round, round, round)) {
		t.Errorf("the rounds were %v", end)
	}
	if a.calls != 1 || b.calls != 2 || fast.calls != 8 {
		t.Errorf("calls of a sample: %d, %d, %d; want 1, 2, 8", a.calls, b.calls, fast.calls)
	}
	if median(a.ns) != 1e6 || median(a.ratios) != 100 || median(b.ratios) != 3 || len(fast.ns) != 6 {
		t.Errorf("a %v, %v; b %v; limit %v", a.ns, a.ratios, b.ratios, fast.ns)
	}
}

// TestCalibrate: a first call that takes long does not make a short sample.
func TestCalibrate(t *testing.T) {
	calls := 0
	c := &contender{time: func(n int) (time.Duration, error) {
		if calls++; calls == 1 {
			return time.Second, nil
		}
		return time.Duration(n) * time.Microsecond, nil
	}}
	if err := c.calibrate(); err != nil || c.calls != 64 {
		t.Errorf("calls of a microsecond in a sample: %d, %v; want 64", c.calls, err)
	}
}

// TestRaceFailures: a peer that fails leaves the race, a layer that fails ends it.
func TestRaceFailures(t *testing.T) {
	broken := errors.New("broken")
	for _, peer := range []bool{true, false} {
		var c clock
		calls := 0
		bad := &contender{name: "bad", peer: peer, time: func(int) (time.Duration, error) {
			if calls++; calls > 3 {
				return 0, broken
			}
			return time.Millisecond, nil
		}}
		good := c.contender("good", time.Millisecond)
		_, err := race{[]*contender{c.contender("limit", time.Millisecond)}, []*contender{bad, good}, 5}.run()
		if !peer {
			if !errors.Is(err, broken) {
				t.Errorf("a layer's error became %v", err)
			}
			continue
		}
		if err != nil || !errors.Is(bad.err, broken) || len(bad.ratios) != 0 || len(good.ratios) != 5 {
			t.Errorf("a peer failed: %v, %v, %d ratios, others %d", err, bad.err, len(bad.ratios), len(good.ratios))
		}
	}
}

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		numbers []float64
		want    float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 2, 9}, 3}} {
		if got := median(test.numbers); got != test.want {
			t.Errorf("median of %v is %v, want %v", test.numbers, got, test.want)
		}
	}
}
