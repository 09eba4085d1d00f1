.PHONY: generate test lint bench fuzz verify verify-release

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

# All gates at the size of a release, and their table.
verify-release:
	.ci/release
