package transformer_test

import (
	"math"
	"strings"
	"testing"

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

// TestUnfitNorms refuses norms that a model has no use for, by the name of the place.
func TestUnfitNorms(t *testing.T) {
	for name, n := range map[string]transformer.Norms{
		"none": {DecoderAttention: makers32["LayerNorm"]},
		"columns": transformer.Everywhere(func(cols int) (runtime.Norm, error) {
			return standard.NewLayerNorm(cols+1, standard.LayerNormOptions{})
		}),
		"error": transformer.Everywhere(func(cols int) (runtime.Norm, error) {
			return standard.NewLayerNorm(-1, standard.LayerNormOptions{})
		}),
	} {
		_, err := transformer.NewLM(tiny(), n, transformer.Engine{})
		if err == nil || !strings.Contains(err.Error(), "decoder.layers.0") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestUnfitConfigs refuses configs that make no model, with the field's name.
func TestUnfitConfigs(t *testing.T) {
	for field, change := range map[string]func(*transformer.Config){
		"Vocab": func(c *transformer.Config) { c.Vocab = 0 }, "Hidden": func(c *transformer.Config) { c.Hidden = -1 },
		"HeadWidth": func(c *transformer.Config) { c.HeadWidth, c.Heads = 0, 3 }, "MaxRows": func(c *transformer.Config) { c.MaxRows = 8 },
		"Dropout":        func(c *transformer.Config) { c.Dropout = 1 },
		"LabelSmoothing": func(c *transformer.Config) { c.LabelSmoothing = math.NaN() },
		"Share":          func(c *transformer.Config) { c.Share = true },
		"EncoderLayers":  func(c *transformer.Config) { c.SourceVocab, c.EncoderLayers = 5, 0 },
		"activation":     func(c *transformer.Config) { c.Activation = 9 },
	} {
		c := tiny()
		change(&c)
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
}
