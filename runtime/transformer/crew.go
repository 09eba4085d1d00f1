package transformer

import (
	"sync/atomic"

	"github.com/normgen/normgen/runtime"
)

// A task is work in parts that do not depend on one another: what a part
// computes depends on its number alone, and worker names scratch memory.
type task interface {
	part(worker, i int)
}

// A crew shares the parts of tasks among the workers of a pool.
type crew struct {
	pool  runtime.Pool
	task  task
	parts int
	next  atomic.Int64
	work  func(worker int) // serve, made once: closures allocate
}

func newCrew(p runtime.Pool) *crew {
	if p == nil {
		p = runtime.Serial
	}
	c := &crew{pool: p}
	c.work = c.serve
	return c
}

func (c *crew) serve(worker int) {
	for {
		i := int(c.next.Add(1)) - 1
		if i >= c.parts {
			return
		}
		c.task.part(worker, i)
	}
}

// run runs all parts of a task.
func (c *crew) run(t task, parts int) {
	workers := min(c.pool.Workers(), parts)
	if workers <= 1 {
		for i := range parts {
			t.part(0, i)
		}
		return
	}
	c.task, c.parts = t, parts
	c.next.Store(0)
	c.pool.Run(workers, c.work)
	c.task = nil
}

// rowsPerPart is how many rows elementwise tasks take at a time.
const rowsPerPart = 64

// rowParts returns the number of parts that so many rows make.
func rowParts(rows int) int { return (rows + rowsPerPart - 1) / rowsPerPart }

// rowSpan returns the rows of part i.
func rowSpan(i, rows int) (lo, hi int) { return i * rowsPerPart, min((i+1)*rowsPerPart, rows) }
