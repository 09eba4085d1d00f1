package gen

import (
	"regexp"
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// What every norm of the library costs: tensor passes of the forward, of the
// backward and of inference, and the bytes that a forward of float32 saves. A
// condition is that of the variant, with or without masks.
var costs = map[string]struct {
	forward, backward, infer int
	saved                    string
}{
	"LayerNorm":                            {2, 3, 2, "12 a row"}, // shift, its correction, 1/deviation
	"RMSNorm":                              {2, 3, 2, "4 a row"},
	"BatchNorm":                            {3, 5, 2, "16 a column"},
	"PNV":                                  {3, 5, 2, "8 a column"},
	"PowerNorm":                            {2, 3, 2, "12 a column"},
	"PowerNormReleased when step <= W":     {3, 3, 2, "4 a group, 4 a column"},
	"PowerNormReleased when not step <= W": {2, 3, 2, "4 a group, 12 a column"},
	"RMSNormBias":                          {2, 3, 2, "4 a row"},
	"RMSNormUnit":                          {2, 3, 2, "4 a row, 4 a column"},
	"RMSNormOutside":                       {2, 3, 2, "12 a row"},
	"BatchNormCumulative":                  {3, 5, 2, "16 a column"},
	"AddLayerNorm":                         {4, 4, 4, "12 a row"}, // the backward reads the sum, and writes one gradient
	"AddRMSNorm":                           {4, 4, 4, "4 a row"},
	"BatchNormUntracked":                   {3, 5, 3, "16 a column"}, // no running statistics: inference waits for the batch's
	"PowerNormWarm when step <= W":         {3, 5, 2, "16 a column"},
	"PowerNormWarm when not step <= W":     {2, 3, 2, "12 a column"},
	"GroupScaling":                         {2, 3, 2, "4 a group"},
	"GroupScalingPNV":                      {3, 5, 2, "8 a group, 8 a column"},
	"PowerNormUnscaled when step <= W":     {3, 3, 2, "4 a column"},
	"PowerNormUnscaled when not step <= W": {2, 3, 2, "12 a column"},
	"BatchNormClamped":                     {3, 5, 3, "24 a column"},
	"BatchNormMeanFill":                    {3, 5, 2, "4 a row, 16 a column"},
	"BatchRenorm":                          {3, 5, 2, "24 a column"},
	"MABNNCP when step < T":                {3, 5, 2, "12 a column"},
	"MABNNCP when not step < T":            {3, 5, 2, "12 a column"},
	"MABNNPC when step < T":                {3, 5, 2, "12 a column"},
	"MABNNPC when not step < T":            {3, 5, 2, "12 a column"},
	"UN when step < T":                     {3, 5, 2, "8 a column"},
	"UN when not step < T":                 {3, 5, 2, "8 a column"},
	"AdaLN":                                {2, 3, 2, "12 a row, 4 a segment and column"},
	"AdaLNZero":                            {3, 4, 3, "12 a row, 4 a segment and column"},
	"DyT":                                  {2, 3, 2, ""},
	"Derf":                                 {2, 3, 2, ""},
	"L2Norm":                               {2, 3, 2, "8 a row"},
	"ScaleNorm":                            {2, 3, 2, "12 a row"},
	"QKNorm":                               {2, 3, 2, "4 a group"},
	"RMSNormPartial":                       {2, 3, 2, "4 a row"},
	"WeightNorm":                           {2, 3, 2, "8 a group"},
	"WeightNormMiddle":                     {3, 5, 3, "8 a column"},
	"WeightNormWhole":                      {2, 3, 2, "8 a row"},
	"WeightStandardization":                {2, 3, 2, "12 a row"},
	"WeightStandardizationUnbiased":        {2, 3, 2, "20 a row"},

	// Samples are groups of a row in one layout; in the other they are segments,
	// which are read again one by one.
	"BatchNormSpatialNCS":    {3, 5, 2, "16 a column"},
	"BatchNormSpatialNSC":    {3, 5, 2, "16 a column"},
	"GroupNormNCS":           {2, 3, 2, "16 a group"},
	"GroupNormNSC":           {3, 5, 3, "16 a segment and column"},
	"InstanceNormNCS":        {2, 3, 2, "16 a group"},
	"InstanceNormNSC":        {3, 5, 3, "16 a segment and column"},
	"InstanceNormRunningNCS": {2, 3, 2, "16 a group"},
	"InstanceNormRunningNSC": {3, 5, 2, "16 a segment and column"},
}

// The planner finds the passes of DESIGN section 4 by itself.
func TestPasses(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range library(t) {
		for _, v := range p.unit.Train.Variants {
			key := p.name
			if c := v.Conditions(p.unit.Layer); c != "" {
				key += " when " + c
			}
			seen[key] = true
			want, ok := costs[key]
			got := want
			got.forward, got.backward, got.infer = v.Forward.Passes(), v.Backward.Passes(), p.unit.Infer[0].Forward.Passes()
			got.saved = plan.Text(v.Saved())
			if !ok {
				t.Errorf("%s masked %v: %+v has no row in the table", key, v.Masked, got)
			} else if got != want {
				t.Errorf("%s masked %v: %+v, want %+v", key, v.Masked, got, want)
			}
		}
	}
	for key := range costs {
		if !seen[key] {
			t.Errorf("%s: no such variant", key)
		}
	}
}

// library lists the norms of testdata, all of which have plans.
func library(t *testing.T) []planCase {
	t.Helper()
	var out []planCase
	for _, p := range allPlanned(t) {
		if !strings.HasPrefix(p.spec, "../testdata/") {
			continue
		}
		if p.err != nil {
			t.Fatal(p.err)
		}
		out = append(out, p)
	}
	return out
}

// The lower bound counts each tensor that a result depends on once.
func TestBound(t *testing.T) {
	for _, p := range library(t) {
		eachKernel(p.unit, func(what string, v *plan.Variant, k *plan.Kernel) {
			read, written := map[*ir.Leaf]bool{}, 0
			for _, o := range k.Func.Outs {
				if k.Rank(o.Value) == plan.Full {
					written++
				}
				tensors(o.Value, k, read)
			}
			if got, want := k.Bound(), len(read)+written; got != want {
				t.Errorf("%s %s: bound %d, want %d", p.name, what, got, want)
			}
			if k.Passes() < k.Bound() {
				t.Errorf("%s %s: %d passes are less than the bound %d", p.name, what, k.Passes(), k.Bound())
			}
		})
	}
}

// tensors adds the tensors that v depends on, not looking behind what an
// earlier kernel saved.
func tensors(v *ir.Value, k *plan.Kernel, read map[*ir.Leaf]bool) {
	if _, given := k.Given[v]; given {
		return
	}
	if v.Op == ir.Load && k.Rank(v) == plan.Full {
		read[v.Leaf] = true
	}
	for _, a := range v.Args {
		tensors(a, k, read)
	}
}

// A sweep after the first says what it waited for.
func TestTraffic(t *testing.T) {
	for _, p := range library(t) {
		text := p.unit.Traffic()
		waits := strings.Count(text, "waits for ")
		second := strings.Count(text, "  sweep 2 ")
		if waits < second {
			t.Errorf("%s: %d second sweeps, %d reasons\n%s", p.name, second, waits, text)
		}
		if p.name == "BatchNorm" && !strings.Contains(text, "waits for the moments of x over [N]") {
			t.Errorf("BatchNorm's traffic does not name the statistic:\n%s", text)
		}
	}
}

// What has no plan is refused with the norm and the line of the spec.
func TestRefused(t *testing.T) {
	line := regexp.MustCompile(`\.dsl:[1-9][0-9]*: |line [1-9]`)
	for _, p := range allPlanned(t) {
		if p.err == nil {
			continue
		}
		if text := p.err.Error(); !strings.Contains(text, p.name) || !line.MatchString(text) {
			t.Errorf("%s: the error does not say which norm or where: %v", p, p.err)
		}
		t.Logf("%s: %v", p, p.err)
	}
}
