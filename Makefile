.PHONY: generate test lint bench fuzz verify

generate:
	go generate ./...

test:
	.ci/run test

lint:
	.ci/run lint

bench:
	go test -run '^$$' -bench . ./...

fuzz:
	.ci/run fuzz

verify:
	.ci/run regenerate
