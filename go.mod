module github.com/normgen/normgen

go 1.26
