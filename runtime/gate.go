package runtime

import (
	"runtime"
	"sync/atomic"
)

// A gate holds one goroutine until another moves it on. While the pool is hot
// the goroutine spins, else it sleeps.
type gate struct {
	turn   atomic.Uint32
	asleep atomic.Bool   // or about to be; who clears it owes a wake if it is not the sleeper
	wake   chan struct{} // holds one
	_      [64]byte      // the next gate is on another cache line
}

func (g *gate) init() { g.wake = make(chan struct{}, 1) }

// While it spins, a goroutine pauses for about 20 ns at a time. It asks the
// scheduler now and then, so that others run, and is not locked to its thread,
// which would be handed over at each of these calls. It does not spin for good: a
// goroutine without work sleeps after some 20 ms, and one that waits for others
// after as long as waking takes, since they may want the core that it is on.
const (
	yieldEvery = 1 << 10
	spinIdle   = 1 << 20
	spinWait   = 1 << 12
)

// pass waits until the gate is not at turn, and returns where it is.
func (g *gate) pass(turn uint32, hot *atomic.Bool, most int) uint32 {
	for {
		for spins := 1; spins <= most && hot.Load(); spins++ {
			if t := g.turn.Load(); t != turn {
				return t
			}
			pause()
			if spins%yieldEvery == 0 {
				runtime.Gosched()
			}
		}
		if t := g.turn.Load(); t != turn {
			return t
		}
		g.sleep(turn)
	}
}

// sleep waits for rouse. An advance before asleep was set is seen after it, so
// none is missed; a start may be, and then the first function is late.
func (g *gate) sleep(turn uint32) {
	g.asleep.Store(true)
	if g.turn.Load() != turn && g.asleep.CompareAndSwap(true, false) {
		return
	}
	<-g.wake
}

// advance moves the gate on.
func (g *gate) advance() {
	g.turn.Add(1)
	g.rouse()
}

// rouse wakes who sleeps at the gate, to look again.
func (g *gate) rouse() {
	if g.asleep.CompareAndSwap(true, false) {
		g.wake <- struct{}{}
	}
}
