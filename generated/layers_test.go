package generated_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/generated/batch"
	"github.com/normgen/normgen/generated/conditional"
	"github.com/normgen/normgen/generated/pointwise"
	"github.com/normgen/normgen/generated/powernorm"
	"github.com/normgen/normgen/generated/residual"
	"github.com/normgen/normgen/generated/scale"
	"github.com/normgen/normgen/generated/spatial"
	"github.com/normgen/normgen/generated/standard"
	"github.com/normgen/normgen/generated/variants"
	"github.com/normgen/normgen/generated/weights"
	"github.com/normgen/normgen/testdata"
)

// constructors make each generated layer over float32 and float64.
var constructors = map[string][2]any{
	"BatchNormClamped":              {batch.NewBatchNormClamped, batch.NewBatchNormClamped64},
	"BatchNormMeanFill":             {batch.NewBatchNormMeanFill, batch.NewBatchNormMeanFill64},
	"BatchRenorm":                   {batch.NewBatchRenorm, batch.NewBatchRenorm64},
	"MABNNCP":                       {batch.NewMABNNCP, batch.NewMABNNCP64},
	"MABNNPC":                       {batch.NewMABNNPC, batch.NewMABNNPC64},
	"UN":                            {batch.NewUN, batch.NewUN64},
	"AdaLN":                         {conditional.NewAdaLN, conditional.NewAdaLN64},
	"AdaLNZero":                     {conditional.NewAdaLNZero, conditional.NewAdaLNZero64},
	"Derf":                          {pointwise.NewDerf, pointwise.NewDerf64},
	"DyT":                           {pointwise.NewDyT, pointwise.NewDyT64},
	"PNV":                           {powernorm.NewPNV, powernorm.NewPNV64},
	"PowerNorm":                     {powernorm.NewPowerNorm, powernorm.NewPowerNorm64},
	"PowerNormReleased":             {powernorm.NewPowerNormReleased, powernorm.NewPowerNormReleased64},
	"AddLayerNorm":                  {residual.NewAddLayerNorm, residual.NewAddLayerNorm64},
	"AddRMSNorm":                    {residual.NewAddRMSNorm, residual.NewAddRMSNorm64},
	"L2Norm":                        {scale.NewL2Norm, scale.NewL2Norm64},
	"QKNorm":                        {scale.NewQKNorm, scale.NewQKNorm64},
	"ScaleNorm":                     {scale.NewScaleNorm, scale.NewScaleNorm64},
	"BatchNormSpatialNCS":           {spatial.NewBatchNormSpatialNCS, spatial.NewBatchNormSpatialNCS64},
	"BatchNormSpatialNSC":           {spatial.NewBatchNormSpatialNSC, spatial.NewBatchNormSpatialNSC64},
	"GroupNormNCS":                  {spatial.NewGroupNormNCS, spatial.NewGroupNormNCS64},
	"GroupNormNSC":                  {spatial.NewGroupNormNSC, spatial.NewGroupNormNSC64},
	"InstanceNormNCS":               {spatial.NewInstanceNormNCS, spatial.NewInstanceNormNCS64},
	"InstanceNormNSC":               {spatial.NewInstanceNormNSC, spatial.NewInstanceNormNSC64},
	"InstanceNormRunningNCS":        {spatial.NewInstanceNormRunningNCS, spatial.NewInstanceNormRunningNCS64},
	"InstanceNormRunningNSC":        {spatial.NewInstanceNormRunningNSC, spatial.NewInstanceNormRunningNSC64},
	"BatchNorm":                     {standard.NewBatchNorm, standard.NewBatchNorm64},
	"LayerNorm":                     {standard.NewLayerNorm, standard.NewLayerNorm64},
	"RMSNorm":                       {standard.NewRMSNorm, standard.NewRMSNorm64},
	"BatchNormCumulative":           {variants.NewBatchNormCumulative, variants.NewBatchNormCumulative64},
	"BatchNormUntracked":            {variants.NewBatchNormUntracked, variants.NewBatchNormUntracked64},
	"GroupScaling":                  {variants.NewGroupScaling, variants.NewGroupScaling64},
	"GroupScalingPNV":               {variants.NewGroupScalingPNV, variants.NewGroupScalingPNV64},
	"PowerNormUnscaled":             {variants.NewPowerNormUnscaled, variants.NewPowerNormUnscaled64},
	"PowerNormWarm":                 {variants.NewPowerNormWarm, variants.NewPowerNormWarm64},
	"RMSNormBias":                   {variants.NewRMSNormBias, variants.NewRMSNormBias64},
	"RMSNormOutside":                {variants.NewRMSNormOutside, variants.NewRMSNormOutside64},
	"RMSNormPartial":                {variants.NewRMSNormPartial, variants.NewRMSNormPartial64},
	"RMSNormUnit":                   {variants.NewRMSNormUnit, variants.NewRMSNormUnit64},
	"WeightNorm":                    {weights.NewWeightNorm, weights.NewWeightNorm64},
	"WeightNormMiddle":              {weights.NewWeightNormMiddle, weights.NewWeightNormMiddle64},
	"WeightNormWhole":               {weights.NewWeightNormWhole, weights.NewWeightNormWhole64},
	"WeightStandardization":         {weights.NewWeightStandardization, weights.NewWeightStandardization64},
	"WeightStandardizationUnbiased": {weights.NewWeightStandardizationUnbiased, weights.NewWeightStandardizationUnbiased64},
}

// TestTable holds that the table has every layer of every library spec.
func TestTable(t *testing.T) {
	got, want := slices.Sorted(maps.Keys(constructors)), slices.Sorted(maps.Keys(planned(t)))
	if !slices.Equal(got, want) {
		t.Errorf("the table has %v, the specs %v", got, want)
	}
}

// planned are the plans of all layers of the library specs, by name.
func planned(t testing.TB) map[string]*plan.Unit {
	t.Helper()
	units, err := plannedOnce()
	if err != nil {
		t.Fatal(err)
	}
	return units
}

var plannedOnce = sync.OnceValues(func() (map[string]*plan.Unit, error) {
	specs, err := filepath.Glob("../testdata/*.dsl")
	if err == nil && len(specs) == 0 {
		err = fmt.Errorf("no specs")
	}
	out := map[string]*plan.Unit{}
	for _, path := range specs {
		units, err := planSpec(path)
		if err != nil {
			return nil, err
		}
		for _, u := range units {
			out[u.Name] = u
		}
	}
	return out, err
})

func planSpec(path string) ([]*plan.Unit, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, errs := dsl.Parse(filepath.Base(path), src)
	if !errs.HasErrors() {
		f, errs = dsl.Link(f, dsl.Sources{Library: testdata.Specs})
	}
	if errs.HasErrors() {
		return nil, errs
	}
	p, errs := dsl.Check(f)
	if errs.HasErrors() {
		return nil, errs
	}
	return gen.Plan(p)
}

// names lists the layers, in order.
func names() []string { return slices.Sorted(maps.Keys(constructors)) }
