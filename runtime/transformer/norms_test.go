package transformer_test

import (
	"github.com/normgen/normgen/generated/batch"
	"github.com/normgen/normgen/generated/powernorm"
	"github.com/normgen/normgen/generated/standard"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer"
)

// as makes a maker of a generated constructor.
func as[T runtime.Float, N runtime.NormOf[T], O any](make func(int, O) (N, error)) transformer.NormMakerOf[T] {
	return func(cols int) (runtime.NormOf[T], error) {
		var defaults O
		n, err := make(cols, defaults)
		return n, err
	}
}

// The norms of the tests, in both types.
var (
	makers32 = map[string]transformer.NormMaker{
		"LayerNorm": as(standard.NewLayerNorm), "RMSNorm": as(standard.NewRMSNorm), "BatchNorm": as(standard.NewBatchNorm),
		"PNV": as(powernorm.NewPNV), "PowerNorm": as(powernorm.NewPowerNorm),
		"PowerNormReleased": as(powernorm.NewPowerNormReleased), "MaskBatchNorm": as(batch.NewBatchNormClamped),
	}
	makers64 = map[string]transformer.NormMakerOf[float64]{
		"LayerNorm": as(standard.NewLayerNorm64), "RMSNorm": as(standard.NewRMSNorm64), "BatchNorm": as(standard.NewBatchNorm64),
		"PNV": as(powernorm.NewPNV64), "PowerNorm": as(powernorm.NewPowerNorm64),
		"PowerNormReleased": as(powernorm.NewPowerNormReleased64),
	}
)
