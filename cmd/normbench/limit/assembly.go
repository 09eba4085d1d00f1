//go:build amd64 && !purego

package limit

//go:generate go run ./write

import "golang.org/x/sys/cpu"

// assembly lists the ways written in assembly that this machine can run.
func assembly(f Flow) []Way {
	var out []Way
	if cpu.X86.HasAVX2 {
		out = append(out, avx2[f]...)
	}
	if cpu.X86.HasAVX512F {
		out = append(out, avx512[f]...)
	}
	if f == (Flow{1, 1}) && cpu.X86.HasERMS {
		out = append(out, Way{"rep movsb", moveBytes})
	}
	return out
}

var avx2 = map[Flow][]Way{
	{1, 1}: {{"avx2", move1to1AVX2}, {"avx2 streaming", move1to1AVX2Streaming}},
	{2, 1}: {{"avx2", move2to1AVX2}, {"avx2 streaming", move2to1AVX2Streaming}},
	{2, 2}: {{"avx2", move2to2AVX2}, {"avx2 streaming", move2to2AVX2Streaming}},
	{3, 1}: {{"avx2", move3to1AVX2}, {"avx2 streaming", move3to1AVX2Streaming}},
}

var avx512 = map[Flow][]Way{
	{1, 1}: {{"avx512", move1to1AVX512}, {"avx512 streaming", move1to1AVX512Streaming}},
	{2, 1}: {{"avx512", move2to1AVX512}, {"avx512 streaming", move2to1AVX512Streaming}},
	{2, 2}: {{"avx512", move2to2AVX512}, {"avx512 streaming", move2to2AVX512Streaming}},
	{3, 1}: {{"avx512", move3to1AVX512}, {"avx512 streaming", move3to1AVX512Streaming}},
}
