package runtime

import "testing"

// TestUnbiased holds unbiased statistics to more than one element, of the rows,
// of the columns inside them, and of every segment that keeps any row.
func TestUnbiased(t *testing.T) {
	attempt := func(stat int, change func(*StatSpec), samples, rows int, keep []bool) error {
		spec := sampleSpec()
		spec.Stats[stat].Unbiased = true
		change(&spec.Stats[stat])
		c := newSampleCase(samples, rows, false)
		c.keep = keep
		p := newSamplePass(t, newLayer(t, spec, 2, sampleDepth), c, Serial)
		return p.forward(p.w.RunForward)
	}
	asIs := func(*StatSpec) {}
	const mean, energy, total, far = 0, 1, 2, 4
	wantError(t, attempt(energy, asIs, 3, 1, nil), "the unbiased energy needs more than one row, and has one")
	wantError(t, attempt(far, asIs, 1, 1, nil), "the unbiased far needs more than one row")
	wantError(t, attempt(total, func(s *StatSpec) { s.Inside = 1 + scalar }, 3, 1, nil), "total needs more than one element")
	wantError(t, attempt(mean, asIs, 2, 2, []bool{true, true, false, true}), "mean needs more than one row")
	for _, good := range []error{
		attempt(energy, asIs, 1, 2, nil), attempt(far, asIs, 2, 1, nil), attempt(total, asIs, 3, 1, nil),
		attempt(mean, asIs, 2, 2, []bool{true, true, false, false}),
		attempt(mean, func(s *StatSpec) { s.Inside = 1 + columns }, 2, 2, []bool{true, true, false, true}),
	} {
		must(t, good)
	}
}
