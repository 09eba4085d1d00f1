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

// yieldEvery is after how many pauses a spinning goroutine lets others run: about
// 20 µs, of which asking the scheduler takes a hundredth. It stays unlocked from
// its thread, since a locked one hands over its processor at each of these calls.
const yieldEvery = 1024

// pass waits until the gate is not at turn, and returns where it is.
func (g *gate) pass(turn uint32, hot *atomic.Bool) uint32 {
	for {
		for spins := 1; hot.Load(); spins++ {
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
		g.sleep(turn, hot)
	}
}

// sleep waits for rouse. What happened before asleep was set is seen after it,
// so nobody is missed.
func (g *gate) sleep(turn uint32, hot *atomic.Bool) {
	g.asleep.Store(true)
	if (g.turn.Load() != turn || hot.Load()) && g.asleep.CompareAndSwap(true, false) {
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
