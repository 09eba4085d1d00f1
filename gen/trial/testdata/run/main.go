// Command run runs generated layers of float32 on problems whose results are known,
// on every set of instructions of the machine and under changing schedules, and
// prints every difference. Its table of makers is written beside it.
package main

import (
	"encoding/gob"
	"fmt"
	"os"

	"github.com/normgen/normgen/runtime"
)

// A problem is a step of one layer and what it must leave; see package trial.
type problem struct {
	Layer         string
	What          string
	Mode          uint8 // train, frozen, infer
	Sizes, Knobs  []int
	Rows          []int
	Step          int
	Masks         [][]bool
	Params        [][]float32
	States        [][]float32
	In, Out       []tensor
	DIn, DX       []tensor
	Grads         [][]float32
	Stats         []stat
	Next          [][]float32
	ForwardFails  bool
	Segmented     bool
	BackwardMoves bool
}

const (
	train = iota
	frozen
	infer
)

type tensor struct {
	Name       string
	Rows, Cols int
	Data       []float32
}

type stat struct {
	Name   string
	Values []float64
}

// A schedule is how a problem is run; it changes no bit.
type schedule struct {
	name    string
	workers int
	apart   int   // elements between rows
	stream  int64 // bytes from which sweeps write past the caches
	shards  int
}

var schedules = []schedule{
	{"plain", 1, 0, 0, 1},
	{"three workers", 3, 0, 0, 1},
	{"streams", 1, 0, 1, 1},
	{"rows apart", 1, 5, 0, 1},
	{"shards", 1, 0, 0, 3},
	{"streams of two workers, rows apart", 2, 16, 1, 1},
}

func main() {
	f, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	dec := gob.NewDecoder(f)
	runs := map[runtime.ISA]int{}
	for i := 0; ; i++ {
		var p problem
		if dec.Decode(&p) != nil {
			break
		}
		for isa := runtime.Portable; runtime.Supported(isa); isa++ {
			for _, s := range []schedule{schedules[0], schedules[1+i%(len(schedules)-1)]} {
				if err := attempt(p, isa, s); err != nil {
					fmt.Printf("differs\t%s\t%s %v %s: %v\n", p.Layer, p.What, isa, s.name, err)
				}
				runs[isa]++
			}
		}
	}
	for isa := runtime.Portable; runtime.Supported(isa); isa++ {
		fmt.Printf("ran\t%v\t%d\n", isa, runs[isa])
	}
}

// attempt runs a problem; a panic is a difference too.
func attempt(p problem, isa runtime.ISA, s schedule) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	if err := runtime.CapISA(isa); err != nil {
		return err
	}
	runtime.StreamAbove(s.stream)
	r := &rig{problem: p, schedule: s}
	if r.layer, err = makers[p.Layer](p.Sizes, p.Knobs); err != nil {
		return err
	}
	return r.run()
}
