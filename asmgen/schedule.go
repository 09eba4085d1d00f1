package asmgen

import (
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A Schedule is how a loop runs on a set. It is free: no bit depends on it, because
// the order of additions is the plan's. The emitter reads it, and what it says is
// what [Schedule.Reasons] explains.
type Schedule struct {
	Rows     int  // that an iteration computes; chosen by who made the loop, unless it walks
	Step     int  // elements of each row that an iteration computes
	Sums     int  // registers that accumulate row sums, their totals included
	Frame    bool // the totals wait in the frame instead, where the caller finds them
	Scalars  int  // parameters kept in registers; the others are read where they are used
	Streams  bool // a variant of the loop writes past the caches
	Pressure int  // registers that the elements hold at once, estimated
	Work     Work // of one vector of every row
	Strip    int  // vectors that a walk by strips takes through all rows
	Held     int  // columns that a walk keeps in registers
}

// fullStep is how many elements an iteration computes: all lanes of a row sum.
const fullStep = plan.Lanes

// longWork is from how many cycles a vector keeps the processor busy by itself, so that
// counting costs nothing and the code stays short. The norms of the library take at
// most 9 without a polynomial, and at least 25 with one.
const longWork = 16

// schedules are those to try, from the one that keeps most in registers to the one
// that keeps least.
func (s *Set) schedules(l *plan.Loop) []Schedule {
	var out []Schedule
	for _, reserve := range []int{0, 2, 4, 8, s.Vectors()} {
		out = append(out, s.schedule(l, reserve))
	}
	least := out[len(out)-1]
	if least.Frame = least.Sums > 0; least.Frame {
		least.Sums -= least.Sums / (fullStep/s.Lanes + 1)
		out = append(out, least)
	}
	return out
}

// schedule chooses how to run a loop if so many registers are kept from scalars.
func (s *Set) schedule(l *plan.Loop, reserve int) Schedule {
	switch {
	case l.Step:
		return Schedule{Rows: 1, Step: s.Lanes / 2, Pressure: pressure(l), Work: work(l, 1)}
	case l.Walks():
		return s.walkSchedule(l, reserve)
	}
	c := Schedule{Rows: l.Rows, Step: fullStep, Pressure: pressure(l), Work: work(l, l.Rows)}
	sums, scalars := 0, 0
	for _, p := range l.Params {
		switch p.Kind {
		case plan.SumParam:
			sums++
		case plan.ScalarParam, plan.RunParam:
			scalars++
		}
	}
	c.Sums = sums * (fullStep/s.Lanes + 1)
	c.Scalars = max(0, min(scalars, s.Vectors()-c.Sums-c.Pressure-reserve))
	c.Streams = l.Past
	if cycles, _ := c.Work.Cycles(); sums == 0 && cycles >= longWork*l.Rows {
		c.Step, c.Streams = s.Lanes, false // as many vectors would only make the code longer, and stores wait for nothing
	}
	return c
}

// generalRegisters are all but the stack pointer. The last one, BP, is saved on the
// stack.
const generalRegisters = 15

// pressure is the most registers that elements hold at once.
func pressure(l *plan.Loop) int {
	const between = 4 // inside of an operation
	var results []*ir.Value
	for _, p := range l.Params {
		if p.Kind == plan.StoreParam || p.Kind == plan.AddParam || p.Kind == plan.SumParam {
			results = append(results, p.Value)
		}
	}
	apart := columnValues(l)
	return max(1, l.Rows)*mostAlive(l.Body, results, func(v *ir.Value) bool { return !apart[v] }) + between
}

// mostAlive is how many values are alive at once, by a walk over the body: its own and
// those operands that take a register, from their first use to their last.
func mostAlive(body, results []*ir.Value, takes func(operand *ir.Value) bool) int {
	last := map[*ir.Value]int{}
	for i, v := range body {
		for _, a := range v.Args {
			last[plan.Strip(a)] = i
		}
	}
	for _, v := range results {
		last[plan.Strip(v)] = len(body)
	}
	alive, most := map[*ir.Value]bool{}, 0
	for i, v := range body {
		for _, a := range v.Args {
			if a = plan.Strip(a); takes(a) {
				alive[a] = true
			}
		}
		alive[v] = true
		most = max(most, len(alive))
		for w := range alive {
			if last[w] <= i {
				delete(alive, w)
			}
		}
	}
	return most
}
