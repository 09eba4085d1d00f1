module example.com/downstream

go 1.26

tool github.com/normgen/normgen/cmd/normgen

require github.com/normgen/normgen v0.0.0

replace github.com/normgen/normgen => ../..
