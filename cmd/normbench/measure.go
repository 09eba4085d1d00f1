package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"slices"
	"time"
)

// A contender is something that is timed.
type contender struct {
	name string
	time func(calls int) (time.Duration, error)
	peer bool  // another process: its threads go on spinning for a while, and it may fail
	err  error // why a peer left the race

	calls  int       // of a sample
	ns     []float64 // of a call, one for each round
	ratios []float64 // over the limit measured just before
}

// local is a contender in this process.
func local(name string, run func() error) *contender {
	return &contender{name: name, time: func(calls int) (time.Duration, error) {
		start := time.Now()
		for range calls {
			if err := run(); err != nil {
				return 0, err
			}
		}
		return time.Since(start), nil
	}}
}

const (
	// sample is how long a sample takes at least, unless one call takes longer:
	// a thousand times the clock's resolution.
	sample = 50 * time.Microsecond
	// peerSample is that of a peer, whose process has to wake up.
	peerSample = time.Millisecond
	// rest lets the spinning threads of a peer go to sleep.
	rest = 3 * time.Millisecond
	// heats is how often each way to move memory runs before one is chosen.
	heats = 7
)

// calibrate finds how many calls make a sample. Each number has two tries: a
// first call makes room, and an interrupted one says nothing.
func (c *contender) calibrate() error {
	enough := sample
	if c.peer {
		enough = peerSample
	}
	for c.calls = 1; ; c.calls *= 2 {
		first, err := c.time(c.calls)
		if err != nil {
			return c.forgive(err)
		}
		second, err := c.time(c.calls)
		if err != nil || min(first, second) >= enough {
			return c.forgive(err)
		}
	}
}

// once takes a sample and returns the time of a call. An untimed sample comes
// first: the contender before has left its data in the caches, and a processor
// may have slept.
func (c *contender) once() (float64, error) {
	d, err := c.time(c.calls)
	if err == nil {
		d, err = c.time(c.calls)
	}
	if c.peer {
		time.Sleep(rest)
	}
	return float64(d.Nanoseconds()) / float64(c.calls), c.forgive(err)
}

// forgive notes the failure of a peer, which ends the race for it alone.
func (c *contender) forgive(err error) error {
	if err == nil || !c.peer {
		return err
	}
	c.err, c.ns, c.ratios = err, nil, nil
	return nil
}

// A race is the limits and contenders of one measurement. Each round runs them
// in turn, every contender right after the limit, so that what disturbs the
// machine disturbs both.
type race struct {
	limits     []*contender
	contenders []*contender
	rounds     int
}

// run measures, and returns the fastest limit. The collector rests meanwhile.
func (r race) run() (*contender, error) {
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for _, c := range slices.Concat(r.limits, r.contenders) {
		if err := c.calibrate(); err != nil {
			return nil, err
		}
	}
	limit, err := r.choose()
	if err != nil {
		return nil, err
	}
	for range r.rounds {
		if err := r.round(limit); err != nil {
			return nil, err
		}
	}
	return limit, nil
}

// choose runs heats of the limits and returns the fastest.
func (r race) choose() (*contender, error) {
	for range heats {
		for _, l := range r.limits {
			ns, err := l.once()
			if err != nil {
				return nil, err
			}
			l.ns = append(l.ns, ns)
		}
	}
	best := slices.MinFunc(r.limits, func(a, b *contender) int {
		if median(a.ns) < median(b.ns) {
			return -1
		}
		return 1
	})
	best.ns = nil
	return best, nil
}

func (r race) round(limit *contender) error {
	for _, c := range r.contenders {
		if c.err != nil {
			continue
		}
		floor, err := limit.once()
		if err != nil {
			return err
		}
		ns, err := c.once()
		if err != nil {
			return err
		}
		limit.ns = append(limit.ns, floor)
		if c.err != nil {
			continue
		}
		c.ns = append(c.ns, ns)
		c.ratios = append(c.ratios, ns/floor)
	}
	return nil
}

// median returns the middle of the numbers to three decimals, 0 of none.
func median(numbers []float64) float64 {
	if len(numbers) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(numbers))
	return math.Round((s[(len(s)-1)/2]+s[len(s)/2])/2*1e3) / 1e3
}
