package blas

import "fmt"

// check panics unless the matrices of a product lie in their slices.
func check(transA, transB bool, m, n, k, lenA, lda, lenB, ldb, lenC, ldc int) {
	rowsA, colsA := m, k
	if transA {
		rowsA, colsA = k, m
	}
	rowsB, colsB := k, n
	if transB {
		rowsB, colsB = n, k
	}
	checkMatrix("a", rowsA, colsA, lenA, lda)
	checkMatrix("b", rowsB, colsB, lenB, ldb)
	checkMatrix("c", m, n, lenC, ldc)
}

func checkMatrix(name string, rows, cols, n, stride int) {
	const most = 1<<31 - 1 // what libraries count with
	if rows < 0 || cols < 0 || stride < max(1, cols) || rows > most || stride > most {
		panic(fmt.Sprintf("blas: %s is %d by %d at stride %d", name, rows, cols, stride))
	}
	if rows > 0 && cols > 0 && n < (rows-1)*stride+cols {
		panic(fmt.Sprintf("blas: %s has %d elements; %d by %d at stride %d need more", name, n, rows, cols, stride))
	}
}
