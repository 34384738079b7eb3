# retuned: two commands do everything: `make demo` and `make test`.
# Every command uses the same build flags, so that the second one finds everything built (docs/house.md).

SHELL := /bin/bash
BUILD := swift build -c release --build-tests
RUN_TESTS := swift test -c release --disable-xctest --disable-testable-imports --skip-build
BIN := .build/release
PREFIX ?= /usr/local
export SWIFT_BACKTRACE ?= enable=no

# What runs under ThreadSanitizer: every suite of the daemon, and those that start it. Other flags compile everything anew,
# so it has a folder of its own; docs/house.md says what is left out.
THREAD := --sanitize=thread --scratch-path .build-thread
THREADED ?= ^(API|Settings|Store|OutboundHTTP|HTTPListener|ChildProcesses|Tuning|Serving|Webhooks|FeedbackLoop|HTTPServing)Tests\.|^CommandsTests\.(Retunectl|Daemon(BadInput|FullDisk|BackEnd|DamagedFiles|Reload))

.PHONY: help demo test bench-experiments crash-test test-thread test-systemd build setup simulate format lint sample install uninstall clean

help:
	@echo 'make demo       build, then watch the loop close once       (DATA= MODEL= ADAPTER= SHIFTS= SEED= SCENARIO= KEEP=1)'
	@echo 'make test       build, then run the tests                    (FILTER=regex)'
	@echo 'make crash-test daemon and engine killed at random instants      (N=200 SEED=1); about half an hour'
	@echo 'make test-thread the daemon under ThreadSanitizer            (FILTER=regex; takes its own build)'
	@echo 'make test-systemd the installation on a booted systemd, as root   (WAY=nspawn|uml TREE=folder of its Debian tree)'
	@echo 'make simulate   months of the loop in seconds                (SEEDS=200 SCENARIO=steady|shift|harm|again)'
	@echo 'make bench-experiments  error rates and speed of experiments  (RUNS=1000 SEED=1); some minutes'
	@echo 'make install    put what was built, unit and configuration in place (PREFIX=/usr/local); make uninstall takes them away'

setup:
	@scripts/setup

build: setup
	@scripts/alive 'building (the first time takes some minutes)' $(BUILD)

demo: build
	@$(BIN)/retuned-demo run

test: build
	@scripts/test '$(FILTER)' $(RUN_TESTS)

test-thread: setup
	@scripts/alive 'building for ThreadSanitizer (some minutes)' $(BUILD) $(THREAD)
	@scripts/test-thread '$(or $(FILTER),$(THREADED))' $(RUN_TESTS) $(THREAD)

# As root. Under sudo there is often no swift on the PATH; then what was built before is taken.
test-systemd: $(if $(shell command -v swift),build)
	@TREE='$(TREE)' WAY='$(WAY)' PARTS='$(PARTS)' scripts/systemd-test

crash-test: build
	@$(BIN)/retuned-demo crash --kills '$(or $(N),200)' --seed '$(or $(SEED),1)'

simulate: build
	@SIMULATE=1 scripts/test 'Simulat' $(RUN_TESTS)

bench-experiments: build
	@COMMIT="$$(git rev-parse --short HEAD)" $(BIN)/retuned-benchmarks experiments --runs '$(or $(RUNS),1000)' --seed '$(or $(SEED),1)'

sample: build
	@scripts/sample

lint:
	swift format lint --strict -rp Sources Tests Benchmarks Package.swift

format:
	swift format -i -rp Sources Tests Benchmarks Package.swift

# It builds nothing: under sudo there is no swift on the PATH, and what root builds the user cannot build again.
install:
	@scripts/install '$(PREFIX)'

uninstall:
	@scripts/uninstall '$(PREFIX)'

clean:
	rm -rf .build .build-thread
