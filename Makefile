# Everything that CI runs is one of these targets; `make test` is all of it.

GO ?= go
TOOL = $(GO) tool -modfile=tools/go.mod

.PHONY: build test setup lint fmt vuln unit rules demo bench clean

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
	$(GO) test -race -shuffle=on -timeout=30m ./...

rules: build ## the shipped rules against their own examples
	bin/gatehouse rules check
	bin/gatehouse rules test

demo: build ## the main job on a day of made-up logs with attacks in them
	@rm -rf build/demo
	@$(GO) run ./cmd/loggen -day build/demo
	@bin/gatehouse detect build/demo/logs || test $$? = 1
	@bin/gatehouse detect -o html --output-file build/demo/report.html build/demo/logs || test $$? = 1
	@echo
	@echo "The same as a page:        $(CURDIR)/build/demo/report.html"
	@echo "Open it:                   xdg-open build/demo/report.html   (macOS: open build/demo/report.html)"
	@echo "What was hidden, and where: build/demo/labels.jsonl"

bench: build ## how fast and how large, against peers in the same run; about ten minutes
	$(GO) run ./cmd/bench -out docs/benchmarks.md

clean:
	rm -rf bin build
