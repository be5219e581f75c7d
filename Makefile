# The short form of everything is .ci/run; these are its parts and the long
# forms.

.PHONY: test integration fuzz bench ci

test:
	go test ./...

# The contract tests and the whole promise, against the vendor's DynamoDB
# Local.
integration:
	.ci/dynamodb-local/with go test -count=1 . ./mapper/... ./examples/...

# Each fuzz target for ten minutes.
fuzz:
	FUZZTIME=10m .ci/fuzz

bench:
	go test -run '^$$' -bench . -benchmem -count 5 ./crypto/...

ci:
	.ci/run
