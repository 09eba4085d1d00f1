// Package norms holds the normalization layers of this module. Everything in it
// but this file and the specification is written by normgen.
package norms

//go:generate go tool normgen -fuzz -spec powernorm.dsl
