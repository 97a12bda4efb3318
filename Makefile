# How Oxiward is built, run and tested. `make help` lists it all.
#
# Cargo and npm know themselves what is up to date; make only calls them in the right order, with what they need.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# A shell that did not read the profile, as a build server's, does not have what rustup installed.
export PATH := $(PATH):$(HOME)/.cargo/bin

# Options for the station: make run ARGS="--bed 1=/dev/ttyUSB0"
ARGS ?=
FUZZ_SECONDS ?= 60

# `make test` says the same of the same code each time; `cargo test` by itself tries new cases, and fuzzing many more.
export PROPTEST_RNG_SEED ?= 20261121

# Each decoder is fuzzed by itself.
PROTOCOLS := cms50 contec-v7 berry nonin-df1 nonin-df2 nonin-df7 nonin-df8 nonin-ascii masimo-ascii nellcor-ascii

# `make run` tries the station out, so it is built as for development: on two cores a release build with its
# link-time optimisation takes several times as long, and `make test` builds the same files again for free. Ten beds
# do not notice. What is installed for daily use (`make package`) is a release build; `make run PROFILE=release` is one too.
PROFILE ?= dev

target_folder := $(or $(CARGO_TARGET_DIR),target)
program := $(target_folder)/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))/oxiward
dev_program := $(target_folder)/debug/oxiward

# Without a display there is no window to open, and none is built: a server needs no GTK and no WebKit.
display := $(DISPLAY)$(WAYLAND_DISPLAY)
run_packages := build $(if $(display),window)
run_features := $(if $(display),,--no-default-features)

say = @printf '\n== %s\n' "$(1)"

##@ To use it

.PHONY: run
run: toolchain ## build the station and open it; ARGS="…" are its options, PROFILE=release the fast build
	@scripts/system-packages $(run_packages)
	@$(MAKE) --no-print-directory ui
	$(call say,Building the station: the first time this takes minutes. Cargo names each part as it goes.)
	cargo build --profile $(PROFILE) --package oxiward $(run_features)
	$(call say,The station. Ctrl-C ends it.)
	@exec scripts/run $(program) $(ARGS)

.PHONY: package
package: toolchain ## build the .deb that installs the station, with a release build of its own
	@scripts/system-packages build window
	@$(MAKE) --no-print-directory ui
	$(call say,Building the package: a release build takes its time on few cores.)
	@# Not among the dependencies of ui/: its lock file would have to name its builds for every system.
	npx --yes @tauri-apps/cli@2.12.5 build --bundles deb
	@ls -1 $(target_folder)/release/bundle/deb/*.deb

##@ To change it

.PHONY: test
test: toolchain ## install what the tests need, and run every test
	@scripts/system-packages build window test
	@$(MAKE) --no-print-directory test-ui test-words
	$(call say,Formatting of the Rust code)
	cargo fmt --all --check
	$(call say,Rust: the crates and then the program itself. The first build takes minutes.)
	cargo test --workspace

.PHONY: test-ui
test-ui: ui ## check and test the screen alone
	$(call say,The screen: formatting and types and tests)
	npm --prefix ui run format:check
	npm --prefix ui run check
	npm --prefix ui test

.PHONY: test-words
test-words: ## see that every link between the documents leads somewhere, and that every test they count on is there
	$(call say,The documents: links)
	scripts/check-links.cjs
	scripts/check-hazards.cjs

.PHONY: dev
dev: toolchain ui ## the station with four simulated beds behind the screen's development server, which reloads as you edit
	@scripts/system-packages build
	cargo build --package oxiward --no-default-features
	@scripts/develop.cjs $(dev_program) $(ARGS)

.PHONY: lint
lint: toolchain ui ## clippy without a warning, with the window and without; cargo-deny if it is installed
	@scripts/system-packages build window
	cargo clippy --workspace --all-targets -- --deny warnings
	cargo clippy --package oxiward --all-targets --no-default-features -- --deny warnings
	@if command -v cargo-deny >/dev/null; then set -x; cargo deny check; \
	else echo 'cargo-deny is not installed (cargo install --locked cargo-deny): licences and advisories were not checked.'; fi

.PHONY: fuzz
fuzz: ## fuzz each decoder and all else that parses for FUZZ_SECONDS=60 each; needs a nightly Rust and cargo-fuzz
	@for target in $(basename $(notdir $(wildcard fuzz/fuzz_targets/*.rs))); do \
		protocols=any; test $$target != decode || protocols="$(PROTOCOLS)"; \
		for protocol in $$protocols; do \
			test $$protocol = any || export OXIMETER_PROTOCOL=$$protocol; \
			echo "== $$target $$protocol"; cargo +nightly fuzz run "$$target" -- -max_total_time=$(FUZZ_SECONDS); \
			unset OXIMETER_PROTOCOL; done; done

.PHONY: bench
bench: toolchain ui ## measure decoders, delay, load, memory and size; docs/ref/performance.md says how and what
	@scripts/system-packages build window test
	cargo bench --package oximeter --bench decode
	cargo bench --package oxiward --no-default-features --bench station -- $(ARGS)
	cargo bench --package oxiward --bench window -- $(ARGS)
	cargo bench --package alarm-load --bench what_if

.PHONY: screenshot
screenshot: toolchain ui ## photograph the ward view of four simulated beds into docs/images/ward.png
	@scripts/system-packages build test
	cargo build --package oxiward --no-default-features
	scripts/screenshot.cjs $(dev_program) docs/images/ward.png

.PHONY: ui
ui: ui/dist/index.html ## build the screen, which the station carries inside

.PHONY: clean
clean: ## delete what was built; the data of the stations stay where they are
	rm -rf ui/dist ui/node_modules
	cargo clean

##@ To find your way

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^##@ /{printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: toolchain
toolchain:
	@scripts/toolchain

# npm writes this file last: it is there when the packages are, and older than the lock when they are no longer the right ones.
ui/node_modules/.package-lock.json: ui/package.json ui/package-lock.json ui/.npmrc
	$(call say,The screen: fetching its packages)
	npm --prefix ui ci
	@touch $@

ui/dist/index.html: ui/node_modules/.package-lock.json ui/index.html ui/vite.config.ts ui/svelte.config.js ui/tsconfig.json $(shell find ui/src ui/public -type f)
	$(call say,The screen: building)
	npm --prefix ui run build
	@touch $@
