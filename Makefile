# Two commands matter: make run, make test. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test lint fmt build image-build bench crash stop secrets clean

OUT     ?= bin/candor
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

help: ## show this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

run: ## install what is missing, start a private database and the gateway with its demo on 127.0.0.1:8080
	@scripts/run

test: ## install what is missing, run every test (ARGS="./chat -run Claim": only those)
	@scripts/test $(ARGS)

lint: ## gofumpt, vet, shellcheck, golangci-lint
	@scripts/lint

fmt: ## format the Go files
	@go tool -modfile=tools/go.mod golangci-lint fmt

build: image-build ## build bin/candor

# The one build: the Dockerfile's build stage runs this target too.
image-build: ## build the program as the image has it, to OUT
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $(OUT) ./cmd/candor

bench: build ## measure against a fresh database; prints ratios
	@scripts/setup run
	@scripts/postgres throwaway --durable go run ./cmd/candor-load bench $(ARGS)

crash: ## kill the gateway 200 times at random points; no message may be lost or doubled
	@CANDOR_TEST_KILLS=200 scripts/test ./cmd/... -run '^TestCrash' -count=1 -v

stop: ## stop the private database
	@scripts/postgres stop

secrets: ## generate the secrets that docker-compose.yml reads, once
	@scripts/secrets

clean: ## remove what was built; the database, its keys and secrets stay in .data
	rm -rf bin .data/image
