package main

import (
	"fmt"
	"math"

	"github.com/normgen/normgen/runtime"
)

// same compares the tensors of all parts, and what lies between their rows.
func (r *rig) same(what string, want []tensor, of func(*part) []*runtime.View) error {
	for i, t := range want {
		at := 0
		for _, p := range r.parts {
			v := of(p)[i]
			for j := range v.Rows {
				if err := sameData(fmt.Sprintf("%s %s from element %d on", what, t.Name, at), v.Row(j), t.Data[at:at+t.Cols]); err != nil {
					return err
				}
				at += t.Cols
				for _, x := range v.Data[j*v.Stride+v.Cols : (j+1)*v.Stride] {
					if x != gap {
						return fmt.Errorf("%s %s: %v was written behind row %d", what, t.Name, x, j)
					}
				}
			}
		}
	}
	return nil
}

// left compares what a step leaves in the layer and its works.
func (r *rig) left() error {
	if err := sameAll("gradient of", r.layer.Grads(), r.Grads); err != nil {
		return err
	}
	if len(r.parts) == 1 {
		if err := r.sameStats(r.parts[0].work.Stats()); err != nil {
			return err
		}
	}
	if r.Mode != train || len(r.Next) == 0 {
		return sameAll("state", r.layer.State(), r.States)
	}
	if err := r.layer.Commit(r.parts[0].work); err != nil {
		return err
	}
	return sameAll("state", r.layer.State(), r.Next)
}

func (r *rig) sameStats(got []runtime.Stat) error {
	for _, want := range r.Stats {
		found := false
		for _, s := range got {
			if s.Name != want.Name {
				continue
			}
			found = true
			if err := sameData("statistic "+s.Name, s.Values, want.Values); err != nil {
				return err
			}
		}
		if !found {
			return fmt.Errorf("no statistic %s", want.Name)
		}
	}
	return nil
}

func sameAll(what string, got []runtime.Named, want [][]float32) error {
	for i, g := range got {
		if err := sameData(what+" "+g.Name, g.Data, want[i]); err != nil {
			return err
		}
	}
	return nil
}

// sameData compares bits; a NaN is any NaN.
func sameData[T runtime.Float](what string, got, want []T) error {
	if len(got) != len(want) {
		return fmt.Errorf("%s: %d elements, want %d", what, len(got), len(want))
	}
	for i, x := range got {
		if w := want[i]; math.Float64bits(float64(x)) != math.Float64bits(float64(w)) && !(x != x && w != w) {
			return fmt.Errorf("%s: element %d is %v, want %v", what, i, x, w)
		}
	}
	return nil
}
