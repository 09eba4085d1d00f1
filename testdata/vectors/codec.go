package vectors

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// The packed form is a gzip stream of
//
//	magic, length of the index (8 bytes, little-endian), index (JSON),
//	the float32 pool, the float64 pool
//
// The index holds the cases with their tensors replaced by references into a
// pool. A tensor goes into the float32 pool if that loses nothing, and equal
// tensors are stored once. A pool is stored as byte planes, all first bytes,
// then all second bytes, because exponents compress and mantissas do not.
const magic = "normgen vectors 1\n"

// ref is a tensor in the index: its place in one of the pools.
type ref struct {
	Shape []int `json:"s"`
	At    int   `json:"a"`
	Wide  bool  `json:"w,omitempty"`
	Bool  bool  `json:"b,omitempty"`
}

type stepIndex struct {
	In    map[string]ref     `json:"in"`
	Want  map[string]ref     `json:"want,omitempty"`
	Scale map[string]float64 `json:"scale,omitempty"`
}

type caseIndex struct {
	Suite, ID, Op, Class string
	Attrs                map[string]any
	Params               map[string]ref      `json:",omitempty"`
	State                map[string]ref      `json:",omitempty"`
	Steps                []stepIndex         `json:",omitempty"`
	Eval                 *stepIndex          `json:",omitempty"`
	ExpectError          bool                `json:",omitempty"`
	Err32                map[string]*float64 `json:",omitempty"` // null is +Inf
	Err64                map[string]*float64 `json:",omitempty"`
	Note                 string              `json:",omitempty"`
}

type index struct {
	Cases    []caseIndex
	F32, F64 int // pool lengths
}

// Encode packs cases. The result is a function of the cases alone.
func Encode(cs []*Case) ([]byte, error) {
	var p pools
	x := index{Cases: make([]caseIndex, len(cs))}
	for i, c := range cs {
		x.Cases[i] = p.putCase(c)
	}
	x.F32, x.F64 = len(p.narrow), len(p.wide)
	head, err := json.Marshal(x)
	if err != nil {
		return nil, err
	}
	b := binary.LittleEndian.AppendUint64([]byte(magic), uint64(len(head)))
	b = append(b, head...)
	b = appendPlanes(b, p.narrow, 4)
	b = appendPlanes(b, p.wide, 8)
	return compress(b)
}

// Decode is the inverse of Encode.
func Decode(b []byte) ([]*Case, error) {
	b, err := decompress(b)
	if err != nil {
		return nil, fmt.Errorf("vectors: %w", err)
	}
	b, ok := bytes.CutPrefix(b, []byte(magic))
	if !ok || len(b) < 8 {
		return nil, errors.New("vectors: not a file of packed vectors")
	}
	n := binary.LittleEndian.Uint64(b)
	b = b[8:]
	if n > uint64(len(b)) {
		return nil, errors.New("vectors: index is cut short")
	}
	var x index
	if err := json.Unmarshal(b[:n], &x); err != nil {
		return nil, fmt.Errorf("vectors: index: %w", err)
	}
	b = b[n:]
	if x.F32 < 0 || x.F64 < 0 || x.F32 > len(b) || x.F64 > len(b) || len(b) != 4*x.F32+8*x.F64 {
		return nil, errors.New("vectors: pools are cut short")
	}
	p := pools{narrow: planes(b[:4*x.F32], 4), wide: planes(b[4*x.F32:], 8)}
	cs := make([]*Case, len(x.Cases))
	for i, c := range x.Cases {
		cs[i] = p.getCase(c)
	}
	return cs, p.err
}

// pools are the numbers of all tensors, as float32 bits and as float64 bits.
type pools struct {
	narrow, wide []uint64
	seen         map[string]int // bits of a tensor to its place
	err          error
}

func (p *pools) put(t Tensor) ref {
	r := ref{Shape: t.Shape, Bool: t.Bool, Wide: !t.Exact32()}
	pool := &p.narrow
	if r.Wide {
		pool = &p.wide
	}
	bits := make([]uint64, len(t.Data))
	for i, v := range t.Data {
		bits[i] = math.Float64bits(v)
		if !r.Wide {
			bits[i] = uint64(math.Float32bits(float32(v)))
		}
	}
	key := fmt.Sprint(r.Wide, bits)
	at, ok := p.seen[key]
	if !ok {
		at = len(*pool)
		*pool = append(*pool, bits...)
		if p.seen == nil {
			p.seen = map[string]int{}
		}
		p.seen[key] = at
	}
	r.At = at
	return r
}

func (p *pools) get(r ref) Tensor {
	pool := p.narrow
	if r.Wide {
		pool = p.wide
	}
	n := size(r.Shape)
	if n < 0 || r.At < 0 || n > len(pool)-r.At {
		p.err = errors.New("vectors: tensor outside its pool")
		return Tensor{}
	}
	t := Tensor{Shape: r.Shape, Bool: r.Bool, Data: make([]float64, n)}
	for i, b := range pool[r.At : r.At+n] {
		t.Data[i] = math.Float64frombits(b)
		if !r.Wide {
			t.Data[i] = float64(math.Float32frombits(uint32(b)))
		}
	}
	return t
}

func (p *pools) putCase(c *Case) caseIndex {
	x := caseIndex{
		Suite: c.Suite, ID: c.ID, Op: c.Op, Class: c.Class, Attrs: c.Attrs,
		ExpectError: c.ExpectError, Note: c.Note,
		Params: convert(c.Params, p.put), State: convert(c.State, p.put),
		Err32: convert(c.Err32, finiteOrNil), Err64: convert(c.Err64, finiteOrNil),
	}
	for _, s := range c.Steps {
		x.Steps = append(x.Steps, p.putStep(s))
	}
	if c.Eval != nil {
		s := p.putStep(*c.Eval)
		x.Eval = &s
	}
	return x
}

func (p *pools) getCase(x caseIndex) *Case {
	c := &Case{
		Suite: x.Suite, ID: x.ID, Op: x.Op, Class: x.Class, Attrs: x.Attrs,
		ExpectError: x.ExpectError, Note: x.Note,
		Params: convert(x.Params, p.get), State: convert(x.State, p.get),
		Err32: convert(x.Err32, infIfNil), Err64: convert(x.Err64, infIfNil),
	}
	for _, s := range x.Steps {
		c.Steps = append(c.Steps, p.getStep(s))
	}
	if x.Eval != nil {
		s := p.getStep(*x.Eval)
		c.Eval = &s
	}
	return c
}

func (p *pools) putStep(s Step) stepIndex {
	return stepIndex{In: convert(s.In, p.put), Want: convert(s.Want, p.put), Scale: s.Scale}
}

func (p *pools) getStep(s stepIndex) Step {
	return Step{In: convert(s.In, p.get), Want: convert(s.Want, p.get), Scale: s.Scale}
}

// convert maps the values of m in the order of its keys, so that the place of a
// tensor in its pool does not depend on map order.
func convert[A, B any](m map[string]A, f func(A) B) map[string]B {
	if m == nil {
		return nil
	}
	out := make(map[string]B, len(m))
	for _, k := range sortedKeys(m) {
		out[k] = f(m[k])
	}
	return out
}

func finiteOrNil(v float64) *float64 {
	if math.IsInf(v, 0) {
		return nil
	}
	return &v
}

func infIfNil(v *float64) float64 {
	if v == nil {
		return math.Inf(1)
	}
	return *v
}

// appendPlanes appends the low size bytes of every value, plane by plane.
func appendPlanes(b []byte, vs []uint64, size int) []byte {
	for p := range size {
		for _, v := range vs {
			b = append(b, byte(v>>(8*p)))
		}
	}
	return b
}

// planes is the inverse of appendPlanes.
func planes(b []byte, size int) []uint64 {
	vs := make([]uint64, len(b)/size)
	for i, c := range b {
		vs[i%len(vs)] |= uint64(c) << (8 * (i / len(vs)))
	}
	return vs
}

func compress(b []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(b); err != nil {
		return nil, err
	}
	err = z.Close()
	return out.Bytes(), err
}

func decompress(b []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
