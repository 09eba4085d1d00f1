package checkpoint

import (
	"math"
	"testing"

	"github.com/normgen/normgen/generated/standard"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer"
)

// modelNames says what PyTorch's nn.TransformerEncoder calls the parameters of a
// language model.
const modelNames = `
*.in_proj.*            *.in_proj_*
*.feed_forward.up.*    *.linear1.*
*.feed_forward.down.*  *.linear2.*
*.self_attn_norm.*     *.norm1.*
*.feed_forward_norm.*  *.norm2.*
decoder.final_norm.*   decoder.norm.*
decoder.embedding.*    embedding.*
*.gamma                *.weight
*.beta                 *.bias
`

// TestImportedModels reads language models from a file that PyTorch 2.15 has written,
// and compares their loss over a batch with padding with what PyTorch computed in
// float64. The models are nn.TransformerEncoder of two layers with a causal mask, norms
// before or behind the layers, GELU, sinusoidal positions and tied embeddings. The
// tolerance is a thousand roundings of float64.
func TestImportedModels(t *testing.T) {
	const sequences, length, vocab = 3, 6, 20
	b := &transformer.Batch{Sequences: sequences, Len: length}
	for i := range int32(sequences * length) {
		b.Input, b.Target = append(b.Input, (7*i+3)%vocab), append(b.Target, (11*i+5)%vocab)
		b.Keep = append(b.Keep, i < sequences*length-2) // the last sequence has two tokens less
	}
	for _, c := range []struct {
		prefix, others string
		postNorm       bool
	}{{"pre.", "post.*", false}, {"post.", "pre.*", true}} {
		t.Run(c.prefix, func(t *testing.T) {
			norms := transformer.Everywhere(func(cols int) (runtime.Norm64, error) {
				return standard.NewLayerNorm64(cols, standard.LayerNormOptions{})
			})
			model, err := transformer.NewLM(transformer.Config{
				Vocab: vocab, Width: 8, Hidden: 12, Heads: 2, DecoderLayers: 2, Activation: transformer.GELU, PostNorm: c.postNorm, Tie: true,
				MaxLen: length, MaxRows: sequences * length,
			}, norms, transformer.EngineOf[float64]{})
			if err != nil {
				t.Fatal(err)
			}
			want := []float64{0}
			tensors := []transformer.TensorOf[float64]{{Name: "nll", Shape: []int{1}, Data: want}}
			for _, p := range model.Params() {
				tensors = append(tensors, transformer.TensorOf[float64]{Name: p.Name, Shape: p.Shape, Data: p.Data})
			}
			table := parse(t, modelNames+"* "+c.prefix+"*\n- "+c.others)
			if err := Import("testdata/models.safetensors", tensors, nil, table); err != nil {
				t.Fatal(err)
			}
			loss, err := model.Evaluate(b)
			if err != nil {
				t.Fatal(err)
			}
			if d := math.Abs(loss.NLL - want[0]); !(d <= 1000*0x1p-53*want[0]) || loss.Tokens != sequences*length-2 {
				t.Errorf("the loss of %d tokens is %v, want %v: %.1e", loss.Tokens, loss.NLL, want[0], d)
			}
		})
	}
}
