# Everything that CI runs is one of these targets; `make test` is all of it.

GO ?= go
TOOL = $(GO) tool -modfile=tools/go.mod

.PHONY: build test setup lint fmt vuln unit rules clean

build: ## the program, in bin/
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/gatehouse ./cmd/gatehouse

test: setup lint vuln build unit rules ## all that CI runs

setup: ## the modules, and a browser for the tests of the HTML report; without one they skip by name
	@$(GO) mod download && $(GO) mod download -modfile=tools/go.mod
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || echo "no chromium: the browser tests will skip"

lint: ## the style of the house (.golangci.yml), and nothing in go.mod that is not needed
	@$(GO) mod tidy -diff
	@$(TOOL) golangci-lint run --show-stats=false

fmt: ## lay out the code as lint wants it
	@$(TOOL) golangci-lint fmt

vuln: ## known vulnerabilities in what the program calls; skips by name where their database can't be reached
	@GO="$(GO)" tools/vuln ./...

unit:
	$(GO) test -race -shuffle=on ./...

rules: build ## the shipped rules against their own examples
	bin/gatehouse rules check
	bin/gatehouse rules test

clean:
	rm -rf bin
