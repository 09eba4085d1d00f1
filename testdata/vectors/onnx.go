package vectors

import (
	_ "embed"
	"sync"
)

//go:embed onnx/onnx.gz
var packedONNX []byte

var decodedONNX = sync.OnceValues(func() ([]*Case, error) { return Decode(packedONNX) })

// ONNX returns the cases of the normalization operators of ONNX, sorted by ID. Their
// Op is that of the same operation among [All], and IDs begin with the operator's name:
// layernorm, rmsnorm, batchnorm, instancenorm, groupnorm, mvn and lp2, which is
// LpNormalization with p = 2. Of each the output is wanted, and what else the operator
// returns. They are made by onnx/cases.py.
func ONNX() ([]*Case, error) { return decodedONNX() }

// The tolerance of ONNX's own tests: an element may be this far off, and this share of
// the wanted value.
const (
	ONNXAbsolute = 1e-7
	ONNXRelative = 1e-3
)
