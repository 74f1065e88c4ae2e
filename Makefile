# Everything that CI runs is one of these targets; `make test` is all of it.

GO ?= go

.PHONY: build test setup unit rules vet clean

build: ## the program, in bin/
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/gatehouse ./cmd/gatehouse

test: setup vet build unit rules ## all that CI runs

setup: ## a browser for the tests of the HTML report; without one they skip by name
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || echo "no chromium: the browser tests will skip"

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
