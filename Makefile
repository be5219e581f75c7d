# The short form of everything is .ci/run; these are its parts and the long
# forms.

# A benchmark that fails must fail although its output goes through a pipe.
SHELL := bash
.SHELLFLAGS := -o pipefail -c

.PHONY: test integration differential guregu interop bulk beacons temporal p384 soak fuzz bench allocs peers ci

test:
	go test ./...

# The whole promise and the mapper's tests against a server: the one that
# DDBENC_DYNAMODB_ENDPOINT names, and then the contract tests of the in-memory
# DynamoDB too, or moto.
integration:
	@if [ -n "$$DDBENC_DYNAMODB_ENDPOINT" ]; then go test -count=1 -p 1 . ./mapper/...; \
	else echo 'against moto; the contract of mapper/mappertest is NOT held against a server: moto is not exact enough'; \
		.ci/moto/with go test -count=1 -p 1 . ./mapper; fi

# 100,000 random updates and as many random conditions, in memory and on the
# DynamoDB that DDBENC_DYNAMODB_ENDPOINT names.
differential:
	.ci/unskipped go test -count=1 -timeout 0 -v -run AgreeWithADatabase ./mapper/mappertest -rapid.checks=5000 -rapid.nofailfile

# The tests of guregu/dynamo itself, on undeclared and on sealed tables, in memory.
guregu:
	.ci/guregu/run

# Go and the official clients of both item formats (Java and Python; Java and
# Rust) read what each wrote, and refuse what was tampered with. Java and Go store
# the same beacons and search by them. With a key service and a database.
interop:
	internal/interop/with .ci/unskipped go test -count=1 -v -run "Everyone|AsAKeyService" ./internal/interop ./providers/providertest ./providers/keyring/keystore
	internal/interop/with sh -c 'go run ./examples/kms -kms-endpoint "$$DDBENC_KMS_ENDPOINT" && go run ./examples/tenants -kms-endpoint "$$DDBENC_KMS_ENDPOINT"'

# Whole tables of 200,000 items beside 8 writers, in memory, and a migration of
# 20,000 items by command while an application runs.
bulk:
	DDBENC_BULK_ITEMS=200000 go test -count=1 -timeout 0 -v -run LosesNoUpdate ./mapper/bulk
	DDBENC_BULK_ITEMS=20000 go test -count=1 -timeout 0 -v -run Migration ./cmd/ddbenc

# A query by beacon on 1,000,000 items, and many random queries beside a plain
# table, in memory; 1,000 random queries of each configuration by the official Java
# client and by Go.
beacons:
	DDBENC_BEACON_ITEMS=1000000 go test -count=1 -timeout 0 -v -run QueriesFetch ./mapper
	go test -count=1 -timeout 0 -v -run AnswersEqual ./mapper -rapid.checks=20000
	DDBENC_INTEROP_QUERIES=1000 internal/interop/with go test -count=1 -timeout 0 -v -run StoresAndFinds ./internal/interop

# Whole tables on a Temporal server in the process, with machines that die.
# Building the server takes minutes, and go vet would read all of it.
temporal:
	cd contrib/temporal/servertest && go mod tidy -diff && go test -vet=off -count=1 -timeout 20m -v ./...

# Ten million signatures, verified by contrib/p384 and by the standard library.
p384:
	cd contrib/p384 && DDBENC_SIGNATURES=10000000 go test -count=1 -timeout 0 -v -run AgreesWithTheStandardLibrary

# A mixed load of 64 goroutines for ten minutes, in memory, with a bad network, a
# KMS that is often unavailable, rotations, and processes that are killed. SOAK is
# another duration.
soak:
	DDBENC_SOAK=$${SOAK:-10m} .ci/unskipped go test -count=1 -timeout 0 -v -run '^TestSoak' ./mapper

# Each fuzz target, and a hostile DynamoDB, for ten minutes.
fuzz:
	FUZZTIME=10m .ci/fuzz

# The times of sealing and opening, which benchstat compares with the baseline:
#   go run golang.org/x/perf/cmd/benchstat@latest crypto/testdata/bench.txt .cache/bench.txt
bench:
	@mkdir -p .cache
	go test -run '^$$' -bench . -benchmem -count 5 ./crypto/... | tee .cache/bench.txt

# How long ddbenc and the official clients take for the same items, as CPU time:
# builds them, which takes long the first time, measures for half an hour, and
# writes internal/bench/peers.json and what docs/ has of it. PEERS='-rounds 3
# -seconds 0.3' measures less.
peers:
	@mkdir -p .cache
	go build -C internal/bench/esdk -o "$(CURDIR)/.cache/esdk" .
	DDBENC_INTEROP_RUST_PROFILE=peers DDBENC_BENCH_ESDK="$(CURDIR)/.cache/esdk" \
		internal/interop/clients go run ./internal/bench -measure $(PEERS)

# Fails if a benchmark allocates more often than in the baseline. Allocations
# need neither a quiet machine nor many operations.
allocs:
	go test ./.ci/allocs
	go test -run '^$$' -bench . -benchmem -benchtime 400x -count 2 ./crypto/... | go run ./.ci/allocs crypto/testdata/bench.txt

ci:
	.ci/run
