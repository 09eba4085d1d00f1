package main

import (
	"slices"

	"github.com/normgen/normgen/generated/batch"
	"github.com/normgen/normgen/generated/conditional"
	"github.com/normgen/normgen/generated/fast"
	"github.com/normgen/normgen/generated/pointwise"
	"github.com/normgen/normgen/generated/powernorm"
	"github.com/normgen/normgen/generated/residual"
	"github.com/normgen/normgen/generated/scale"
	"github.com/normgen/normgen/generated/spatial"
	"github.com/normgen/normgen/generated/standard"
	"github.com/normgen/normgen/generated/variants"
	"github.com/normgen/normgen/generated/weights"
	"github.com/normgen/normgen/runtime"
)

// An entry is a layer of the library and how it takes shapes of so many sizes.
type entry struct {
	name string
	dims int
	make func(s shape, m *memory) (*subject, error)
}

// Layers differ in how their columns and rows follow from a shape.
type (
	columnsMaker  = func(columns int) (runtime.Norm, error)
	planesMaker   = func(channels, places int) (runtime.Norm, error)
	segmentsMaker = func(channels int) (segmentedNorm, error)
)

// matrix is for rows of columns.
func matrix(name string, of columnsMaker) entry {
	return entry{name, 2, func(s shape, m *memory) (*subject, error) {
		l, err := of(s[1])
		if err != nil {
			return nil, err
		}
		return ofRows(l, s[0], m)
	}}
}

// channelsLast is for rows of channels, one for each place of a sample.
func channelsLast(name string, of columnsMaker) entry {
	return entry{name, 3, func(s shape, m *memory) (*subject, error) {
		l, err := of(s[1])
		if err != nil {
			return nil, err
		}
		return ofRows(l, s[0]*s[2], m)
	}}
}

// segments is channelsLast for statistics of each sample.
func segments(name string, of segmentsMaker) entry {
	return entry{name, 3, func(s shape, m *memory) (*subject, error) {
		l, err := of(s[1])
		if err != nil {
			return nil, err
		}
		return ofSegments(l, s[0], s[2], m)
	}}
}

// channelsFirst is for samples, each a row of the places of its channels.
func channelsFirst(name string, of planesMaker) entry {
	return entry{name, 3, func(s shape, m *memory) (*subject, error) {
		l, err := of(s[1], s[2])
		if err != nil {
			return nil, err
		}
		return ofRows(l, s[0], m)
	}}
}

// weight is for the weights of outputs, all in one row.
func weight(name string, of func(outputs, inputs int) (runtime.Norm, error)) entry {
	return entry{name, 2, func(s shape, m *memory) (*subject, error) {
		l, err := of(s[0], s[1])
		if err != nil {
			return nil, err
		}
		return ofRows(l, 1, m)
	}}
}

func sum(name string, of func(columns int) (residualNorm, error)) entry {
	return entry{name, 2, func(s shape, m *memory) (*subject, error) {
		l, err := of(s[1])
		if err != nil {
			return nil, err
		}
		return ofResidual(l, s[0], m)
	}}
}

// library lists the layers of package generated, in the order of its specs.
var library = []entry{
	matrix("LayerNorm", func(c int) (runtime.Norm, error) { return standard.NewLayerNorm(c, standard.LayerNormOptions{}) }),
	matrix("RMSNorm", func(c int) (runtime.Norm, error) { return standard.NewRMSNorm(c, standard.RMSNormOptions{}) }),
	matrix("BatchNorm", func(c int) (runtime.Norm, error) { return standard.NewBatchNorm(c, standard.BatchNormOptions{}) }),

	matrix("PNV", func(c int) (runtime.Norm, error) { return powernorm.NewPNV(c, powernorm.PNVOptions{}) }),
	matrix("PowerNorm", func(c int) (runtime.Norm, error) { return powernorm.NewPowerNorm(c, powernorm.PowerNormOptions{}) }),
	matrix("PowerNormReleased", func(c int) (runtime.Norm, error) {
		return powernorm.NewPowerNormReleased(c, powernorm.PowerNormReleasedOptions{})
	}),

	sum("AddLayerNorm", func(c int) (residualNorm, error) {
		return residual.NewAddLayerNorm(c, residual.AddLayerNormOptions{})
	}),
	sum("AddRMSNorm", func(c int) (residualNorm, error) { return residual.NewAddRMSNorm(c, residual.AddRMSNormOptions{}) }),

	matrix("BatchNormCumulative", func(c int) (runtime.Norm, error) {
		return variants.NewBatchNormCumulative(c, variants.BatchNormCumulativeOptions{})
	}),
	matrix("BatchNormUntracked", func(c int) (runtime.Norm, error) {
		return variants.NewBatchNormUntracked(c, variants.BatchNormUntrackedOptions{})
	}),
	matrix("RMSNormUnit", func(c int) (runtime.Norm, error) { return variants.NewRMSNormUnit(c, variants.RMSNormUnitOptions{}) }),
	matrix("RMSNormPartial", func(c int) (runtime.Norm, error) {
		return variants.NewRMSNormPartial(c, variants.RMSNormPartialOptions{})
	}),
	matrix("RMSNormBias", func(c int) (runtime.Norm, error) { return variants.NewRMSNormBias(c, variants.RMSNormBiasOptions{}) }),
	matrix("RMSNormOutside", func(c int) (runtime.Norm, error) {
		return variants.NewRMSNormOutside(c, variants.RMSNormOutsideOptions{})
	}),
	matrix("GroupScaling", func(c int) (runtime.Norm, error) {
		return variants.NewGroupScaling(c, variants.GroupScalingOptions{})
	}),
	matrix("GroupScalingPNV", func(c int) (runtime.Norm, error) {
		return variants.NewGroupScalingPNV(c, variants.GroupScalingPNVOptions{})
	}),
	matrix("PowerNormUnscaled", func(c int) (runtime.Norm, error) {
		return variants.NewPowerNormUnscaled(c, variants.PowerNormUnscaledOptions{})
	}),
	matrix("PowerNormWarm", func(c int) (runtime.Norm, error) {
		return variants.NewPowerNormWarm(c, variants.PowerNormWarmOptions{})
	}),

	channelsFirst("BatchNormSpatialNCS", func(c, s int) (runtime.Norm, error) {
		return spatial.NewBatchNormSpatialNCS(c, s, spatial.BatchNormSpatialNCSOptions{})
	}),
	channelsLast("BatchNormSpatialNSC", func(c int) (runtime.Norm, error) {
		return spatial.NewBatchNormSpatialNSC(c, spatial.BatchNormSpatialNSCOptions{})
	}),
	channelsFirst("GroupNormNCS", func(c, s int) (runtime.Norm, error) {
		return spatial.NewGroupNormNCS(c, s, spatial.GroupNormNCSOptions{})
	}),
	segments("GroupNormNSC", func(c int) (segmentedNorm, error) {
		return spatial.NewGroupNormNSC(c, spatial.GroupNormNSCOptions{})
	}),
	channelsFirst("InstanceNormNCS", func(c, s int) (runtime.Norm, error) {
		return spatial.NewInstanceNormNCS(c, s, spatial.InstanceNormNCSOptions{})
	}),
	segments("InstanceNormNSC", func(c int) (segmentedNorm, error) {
		return spatial.NewInstanceNormNSC(c, spatial.InstanceNormNSCOptions{})
	}),
	channelsFirst("InstanceNormRunningNCS", func(c, s int) (runtime.Norm, error) {
		return spatial.NewInstanceNormRunningNCS(c, s, spatial.InstanceNormRunningNCSOptions{})
	}),
	segments("InstanceNormRunningNSC", func(c int) (segmentedNorm, error) {
		return spatial.NewInstanceNormRunningNSC(c, spatial.InstanceNormRunningNSCOptions{})
	}),

	matrix("L2Norm", func(c int) (runtime.Norm, error) { return scale.NewL2Norm(c, scale.L2NormOptions{}) }),
	matrix("ScaleNorm", func(c int) (runtime.Norm, error) { return scale.NewScaleNorm(c, scale.ScaleNormOptions{}) }),
	matrix("QKNorm", func(c int) (runtime.Norm, error) { return scale.NewQKNorm(c, scale.QKNormOptions{}) }),

	weight("WeightNorm", func(o, i int) (runtime.Norm, error) {
		return weights.NewWeightNorm(o, i, weights.WeightNormOptions{})
	}),
	{"WeightNormMiddle", 3, func(s shape, m *memory) (*subject, error) {
		l, err := weights.NewWeightNormMiddle(s[1], s[2], weights.WeightNormMiddleOptions{})
		if err != nil {
			return nil, err
		}
		return ofRows(l, s[0], m)
	}},
	weight("WeightNormWhole", func(o, i int) (runtime.Norm, error) {
		return weights.NewWeightNormWhole(o*i, weights.WeightNormWholeOptions{})
	}),
	matrix("WeightStandardization", func(i int) (runtime.Norm, error) {
		return weights.NewWeightStandardization(i, weights.WeightStandardizationOptions{})
	}),
	matrix("WeightStandardizationUnbiased", func(i int) (runtime.Norm, error) {
		return weights.NewWeightStandardizationUnbiased(i, weights.WeightStandardizationUnbiasedOptions{})
	}),

	matrix("BatchNormClamped", func(c int) (runtime.Norm, error) {
		return batch.NewBatchNormClamped(c, batch.BatchNormClampedOptions{})
	}),
	matrix("BatchNormMeanFill", func(c int) (runtime.Norm, error) {
		return batch.NewBatchNormMeanFill(c, batch.BatchNormMeanFillOptions{})
	}),
	matrix("BatchRenorm", func(c int) (runtime.Norm, error) { return batch.NewBatchRenorm(c, batch.BatchRenormOptions{}) }),
	channelsFirst("MABNNCP", func(c, p int) (runtime.Norm, error) { return batch.NewMABNNCP(c, p, batch.MABNNCPOptions{}) }),
	channelsLast("MABNNPC", func(c int) (runtime.Norm, error) { return batch.NewMABNNPC(c, batch.MABNNPCOptions{}) }),
	matrix("UN", func(c int) (runtime.Norm, error) { return batch.NewUN(c, batch.UNOptions{}) }),

	{"AdaLN", 3, func(s shape, m *memory) (*subject, error) {
		l, err := conditional.NewAdaLN(s[1], conditional.AdaLNOptions{})
		if err != nil {
			return nil, err
		}
		return ofModulated(l, s[0], s[2], m)
	}},
	{"AdaLNZero", 3, func(s shape, m *memory) (*subject, error) {
		l, err := conditional.NewAdaLNZero(s[1], conditional.AdaLNZeroOptions{})
		if err != nil {
			return nil, err
		}
		return ofGated(l, s[0], s[2], m)
	}},

	matrix("DyT", func(c int) (runtime.Norm, error) { return pointwise.NewDyT(c, pointwise.DyTOptions{}) }),
	matrix("Derf", func(c int) (runtime.Norm, error) { return pointwise.NewDerf(c, pointwise.DerfOptions{}) }),

	matrix("FastLayerNorm", func(c int) (runtime.Norm, error) { return fast.NewFastLayerNorm(c, fast.FastLayerNormOptions{}) }),
	matrix("FastRMSNorm", func(c int) (runtime.Norm, error) { return fast.NewFastRMSNorm(c, fast.FastRMSNormOptions{}) }),
	matrix("FastBatchNorm", func(c int) (runtime.Norm, error) { return fast.NewFastBatchNorm(c, fast.FastBatchNormOptions{}) }),
	matrix("FastPowerNorm", func(c int) (runtime.Norm, error) { return fast.NewFastPowerNorm(c, fast.FastPowerNormOptions{}) }),
	{"FastAdaLN", 3, func(s shape, m *memory) (*subject, error) {
		l, err := fast.NewFastAdaLN(s[1], fast.FastAdaLNOptions{})
		if err != nil {
			return nil, err
		}
		return ofModulated(l, s[0], s[2], m)
	}},
	matrix("FastDyT", func(c int) (runtime.Norm, error) { return fast.NewFastDyT(c, fast.FastDyTOptions{}) }),
}

// lookup finds a layer by name.
func lookup(name string) (entry, bool) {
	i := slices.IndexFunc(library, func(e entry) bool { return e.name == name })
	if i < 0 {
		return entry{}, false
	}
	return library[i], true
}
