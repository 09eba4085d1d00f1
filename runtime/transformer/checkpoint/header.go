package checkpoint

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/bits"
	"slices"

	"github.com/nlpodyssey/safetensors"
)

// Limits of a header. The largest model of the experiments needs 100 kB for it.
const (
	maxHeader   = 1 << 20
	maxRank     = 8
	maxDim      = 1<<31 - 1
	maxElements = 1 << 40
	maxName     = 1 << 10
)

// Info says what a tensor of a file is.
type Info struct {
	Name  string
	Type  string // of its elements, as safetensors names it: F32, F64, I64 and so on
	Shape []int  // outermost first

	dtype      safetensors.DType
	elements   int
	begin, end uint64 // in the data
}

// parseHeader reads the header of a file with size bytes of data. The tensors are
// in the order of their data, which they cover without gaps.
func parseHeader(header []byte, size uint64) ([]Info, map[string]string, error) {
	if err := checkJSON(header); err != nil {
		return nil, nil, err
	}
	var parsed safetensors.Metadata
	if err := json.Unmarshal(header, &parsed); err != nil {
		// Cut: it may repeat a value of the file.
		return nil, nil, fmt.Errorf("the header: %.200s", err.Error())
	}
	infos := make([]Info, 0, len(parsed.Tensors()))
	for name, t := range parsed.Tensors() {
		info, err := newInfo(name, t)
		if err != nil {
			return nil, nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		infos = append(infos, info)
	}
	slices.SortFunc(infos, func(a, b Info) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end), cmp.Compare(a.Name, b.Name))
	})
	return infos, parsed.Metadata(), cover(infos, size)
}

// newInfo checks one tensor alone.
func newInfo(name string, t *safetensors.TensorInfo) (Info, error) {
	info := Info{Name: name, Type: t.DType.String(), dtype: t.DType, begin: t.DataOffsets[0], end: t.DataOffsets[1]}
	if len(t.Shape) > maxRank {
		return info, fmt.Errorf("%d dimensions: at most %d are read", len(t.Shape), maxRank)
	}
	elements := uint64(1)
	for _, n := range t.Shape {
		if n > maxDim {
			return info, fmt.Errorf("a dimension of %d: at most %d is read", n, maxDim)
		}
		var high uint64
		if high, elements = bits.Mul64(elements, n); high > 0 || elements > maxElements {
			return info, fmt.Errorf("shape %d has more than %d elements", t.Shape, uint64(maxElements))
		}
		info.Shape = append(info.Shape, int(n))
	}
	info.elements = int(elements)
	switch {
	case info.end < info.begin:
		return info, fmt.Errorf("its data is from byte %d to %d", info.begin, info.end)
	case info.end-info.begin != elements*t.DType.Size():
		return info, fmt.Errorf("it has %d bytes; %d elements of %s have %d", info.end-info.begin, elements, info.Type, elements*t.DType.Size())
	}
	return info, nil
}

// cover wants every byte of the data to be of one tensor.
func cover(infos []Info, size uint64) error {
	var at uint64
	for _, t := range infos {
		if t.begin != at {
			return fmt.Errorf("tensor %q: its data is from byte %d, where the tensor before it ends at %d: there are no gaps and no overlaps",
				t.Name, t.begin, at)
		}
		at = t.end
	}
	if at != size {
		return fmt.Errorf("the tensors have %d bytes and the file %d: it is cut off, or there is something behind them", at, size)
	}
	return nil
}
