package main

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"slices"
)

// Tiny Shakespeare, 1.1 million characters in the public domain.
//
//go:embed tinyshakespeare.txt.gz
var packedText []byte

// corpus is a text as lines of character indexes.
type corpus struct {
	alphabet []byte
	lines    [][]int
}

// readCorpus unpacks the text and drops empty lines.
func readCorpus() (*corpus, error) {
	z, err := gzip.NewReader(bytes.NewReader(packedText))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	c := &corpus{alphabet: alphabetOf(text)}
	index := [256]int{}
	for i, b := range c.alphabet {
		index[b] = i
	}
	for line := range bytes.Lines(text) {
		if len(line) < 2 {
			continue
		}
		ids := make([]int, len(line))
		for i, b := range line {
			ids[i] = index[b]
		}
		c.lines = append(c.lines, ids)
	}
	return c, nil
}

func alphabetOf(text []byte) []byte {
	var seen [256]bool
	for _, b := range text {
		seen[b] = true
	}
	var all []byte
	for b, ok := range seen {
		if ok {
			all = append(all, byte(b))
		}
	}
	return all
}

// split cuts the last part off for evaluation.
func (c *corpus) split(part float64) (train, heldOut *corpus) {
	n := int(float64(len(c.lines)) * (1 - part))
	return &corpus{c.alphabet, c.lines[:n]}, &corpus{c.alphabet, c.lines[n:]}
}

// longest is the number of characters of the longest line.
func (c *corpus) longest() int {
	return len(slices.MaxFunc(c.lines, func(a, b []int) int { return len(a) - len(b) }))
}

// batch is a few lines padded to the longest of them, one row a character.
// A row whose keep is false is padding: it has no character and no target.
type batch struct {
	rows, length int // rows = lines * length
	chars, next  []int
	keep         []bool
	kept         int
}

// at returns the batch of the n lines that begin at line i, from the start
// again after the end. Neighbouring lines stay together, as in a text that is
// read in order.
func (c *corpus) at(i, n int) *batch {
	lines := make([][]int, n)
	length := 0
	for k := range lines {
		lines[k] = c.lines[(i+k)%len(c.lines)]
		length = max(length, len(lines[k])-1)
	}
	b := &batch{rows: n * length, length: length}
	b.chars, b.next, b.keep = make([]int, b.rows), make([]int, b.rows), make([]bool, b.rows)
	for k, line := range lines {
		for j := range line[:len(line)-1] {
			r := k*length + j
			b.chars[r], b.next[r], b.keep[r] = line[j], line[j+1], true
			b.kept++
		}
	}
	return b
}
