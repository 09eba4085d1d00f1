// Package testdata holds the library: the norms that any spec can use by name.
//
//	use LayerNorm from "standard"
package testdata

import "embed"

// Specs are the library's files, one for each topic.
//
//go:embed *.dsl
var Specs embed.FS
