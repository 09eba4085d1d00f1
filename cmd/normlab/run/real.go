package run

import (
	"encoding/json"
	"math"
)

// A Real is a number that JSON has no word for where it is infinite or none: it is
// null there, and read back as NaN.
type Real float64

// MarshalJSON writes a number or null.
func (r Real) MarshalJSON() ([]byte, error) {
	if !r.Finite() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(r))
}

// UnmarshalJSON reads a number or null.
func (r *Real) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*r = Real(math.NaN())
		return nil
	}
	return json.Unmarshal(text, (*float64)(r))
}

// Finite reports whether r is a number and not infinite.
func (r Real) Finite() bool { return r-r == 0 }
