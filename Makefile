# Everything that CI runs is one of these targets; `make test` is all of it.

GO ?= go

.PHONY: build test unit rules vet clean

build: ## the program, in bin/
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/gatehouse ./cmd/gatehouse

test: vet build unit rules ## all that CI runs

vet:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "run gofmt on:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...

unit:
	$(GO) test -race -shuffle=on ./...

rules: build ## the shipped rules against their own examples
	bin/gatehouse rules check
	bin/gatehouse rules test

clean:
	rm -rf bin
