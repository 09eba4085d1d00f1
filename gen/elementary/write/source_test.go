package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/normgen/normgen/gen/elementary"
)

// TestUpToDate requires that runtime has what the programs are now.
func TestUpToDate(t *testing.T) {
	var got bytes.Buffer
	if err := source("runtime", elementary.Float32, elementary.Float64).Render(&got); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("../../../runtime/elementary_gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Error("runtime/elementary_gen.go is stale: run go generate ./runtime")
	}
}
