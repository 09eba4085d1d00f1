module example.com/downstream

go 1.26.0

tool github.com/normgen/normgen/cmd/normgen

require github.com/normgen/normgen v0.0.0

require (
	github.com/aymanbagabas/go-udiff v0.4.1 // indirect
	github.com/dave/jennifer v1.7.1 // indirect
)

replace github.com/normgen/normgen => ../..
