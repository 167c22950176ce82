# One surface for everything that is done with this checkout; `make help` lists it.
# Each target runs on Debian 13: here if this is Debian 13, otherwise in a root that the first one makes.

ENTER := image/root/enter
STATE ?= target/demo
ARGS ?=
# Of the machines that the image is for: amd64 or arm64.
ARCH ?= amd64
export TABELLION_ARCH := $(ARCH)
TESTED := target/image/test$(if $(filter-out amd64,$(ARCH)),-$(ARCH))
MAKEFLAGS += --no-print-directory
export MAKE_GOAL := $(firstword $(MAKECMDGOALS))

.DEFAULT_GOAL := help
.PHONY: help setup build run test smoke e2e unit check fmt bench image image-test fuzz soak clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make the Debian 13 root (the first use of any other target does it)
	@image/root/make-root >/dev/null

build: ## Compile the programs and the web pages
	@$(ENTER) .ci/build

run: ## Start a box with demonstration data; ARGS='--https-port 9443' passes options, STATE=DIR keeps its data elsewhere
	@$(ENTER) sh -c '.ci/build && exec target/debug/tabellion demo --state $(STATE) --pages webui/dist $(ARGS)'

test: ## Everything that must pass; ends with «N passed, N failed, N skipped»
	@$(ENTER) .ci/test

smoke: ## The main job alone: two browsers and a room system meet, see and hear each other
	@$(ENTER) sh -c '.ci/build && webui/e2e/run smoke'

e2e: ## The end-to-end tests; ARGS='[WAIT-06]' chooses by title
	@$(ENTER) sh -c '.ci/build && webui/e2e/run e2e $(ARGS)'

unit: ## The tests of the Rust crates and of the pages' logic
	@$(ENTER) .ci/test unit

check: ## Formatting, lints, types
	@$(ENTER) .ci/test check

fmt: ## Format the Rust and TypeScript code
	@$(ENTER) sh -c 'cargo fmt && cd webui && npx biome check --write .'

bench: ## Measure, the media engine beside Janus; prints a table, writes target/bench.json
	@peer=$$(image/root/make-peer-root) && TABELLION_PEER_ROOT=$$peer $(ENTER) sh -c '.ci/build && .ci/bench'

image: ## Build the firmware image and its update into target/image; ARGS='--version 1.2.0', ARCH=arm64, TABELLION_KEYS=DIR for release keys
	@$(ENTER) sh -c '.ci/pages && .ci/release && image/build $(ARGS)'

image-test: ## Boot the firmware image in a virtual machine: first start, updates, updates that are taken back
	@$(ENTER) sh -c '.ci/pages && .ci/release && image/test-images release && image/tests/run $(TESTED) $(ARGS)'

fuzz: ## Fuzz what reads bytes from strangers, 60 s a target; ARGS='--seconds 600 switchboard', ARGS='--input FILE TARGET', ARGS=--list
	@$(ENTER) .ci/fuzz $(ARGS)

soak: ## Keep a box busy and judge what its processes keep; ARGS='--minutes 20', up to 72 hours; writes target/soak.json
	@$(ENTER) sh -c '.ci/build && .ci/soak $(ARGS)'

clean: ## Delete what was built here (the Debian root stays, in the cache folder)
	@rm -rf target webui/dist webui/node_modules webui/e2e/node_modules
