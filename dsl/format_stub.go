package dsl

func formatNorm(n *Norm) []byte { return nil }
