package runtime

import (
	"slices"
	"testing"
	"unsafe"
)

// goOn does what loops do that write past the caches: it holds what fills no line. At most
// step elements are one call.
func goOn(l *Line, past *float32, rows, values [][]float32, step int) {
	for at := 0; at < len(rows[0]); at += step {
		end := min(at+step, len(rows[0]))
		if past == nil {
			for k, r := range rows {
				copy(r[at:end], values[k][at:end])
			}
			continue
		}
		held := l.Held
		for k, r := range rows {
			l.Held = held
			for i := at; i < end; i++ {
				if l.Held == 0 && inLine(r[i:]) != 0 { // before the first line
					r[i] = values[k][i]
					continue
				}
				l.data[k][l.Held] = values[k][i]
				if l.Held++; l.Held == lineElements {
					first := (*float32)(unsafe.Add(unsafe.Pointer(&r[i]), -4*(lineElements-1)))
					copy(unsafe.Slice(first, lineElements), l.data[k][:])
					l.Held = 0
				}
			}
		}
	}
}

// What loops hold is in its place once a row follows that does not go on with it, or none:
// whatever rows are long and far apart, wherever they begin, if streams come and go.
func TestLine(t *testing.T) {
	memory := make([]float32, 4096)
	aligned := memory[(64-inLine(memory))%64/4:]
	held := 0
	for _, n := range []int{5, 15, 16, 17, 31, 49, 196} {
		for _, gap := range []int{0, 1, 16} {
			for _, off := range []int{0, 1, 15} {
				for _, shift := range []int{0, 16, 3} { // of the second tensor
					const rows = 5
					size := rows * (n + gap)
					clear(memory)
					var line Line
					var want []float32
					for i := range rows {
						from := off + i*(n+gap)
						y, z := aligned[from:from+n], aligned[2048+shift+from:][:n]
						values := [][]float32{make([]float32, n), make([]float32, n)}
						for j := range n {
							values[0][j], values[1][j] = float32(1+i*n+j), -float32(1+i*n+j)
						}
						want = append(want, values[0]...)
						past := line.To(i != 3, y, z)
						if (past != nil) != (i != 3 && n >= lineElements && shift != 3) {
							t.Fatalf("n %d, gap %d, off %d, shift %d, row %d: streams %v", n, gap, off, shift, i, past != nil)
						}
						goOn(&line, past, [][]float32{y, z}, values, 7)
						if line.Held > 0 {
							held++
						}
					}
					line.Flush()
					var got, second []float32
					for i := range rows {
						got = append(got, aligned[off+i*(n+gap):][:n]...)
						for _, x := range aligned[2048+shift+off+i*(n+gap):][:n] {
							second = append(second, -x)
						}
					}
					if !slices.Equal(got, want) || !slices.Equal(second, want) {
						t.Errorf("n %d, gap %d, off %d, shift %d: %v and %v, want %v", n, gap, off, shift, got, second, want)
					}
					for i, x := range aligned[:2048] {
						if (i < off || i >= off+size || (i-off)%(n+gap) >= n) && x != 0 {
							t.Errorf("n %d, gap %d, off %d: element %d outside is %v", n, gap, off, i, x)
						}
					}
				}
			}
		}
	}
	if held == 0 {
		t.Error("nothing was ever held")
	}
}
