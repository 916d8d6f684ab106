# Everything that is run here is run through this file. `make help` explains it.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
CONSOLE := api/console/index.html
# npm writes it last
PACKAGES := web/node_modules/.package-lock.json
TYPES := web/console/src/api/schema.d.ts
# a registry behind a proxy with a certificate of its own is trusted as this machine trusts it
NPM := NODE_USE_SYSTEM_CA=1 PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix web --silent
SOURCES := scoring store registry builders workflows activities relay api steadyscore migrations bench examples faults tests tools

.DEFAULT_GOAL := help
.PHONY: help demo up console test check format histories model faults bench bench-api bench-builders screenshots lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## the main job as a story over HTTP, with measured figures; ends by itself
	@$(BIN)/steadyscore demo

up: $(INSTALLED) ## start everything and keep it up until Ctrl-C
	@$(MAKE) --no-print-directory --silent console || echo 'the console could not be built (see above); everything else works without it'
	@$(BIN)/steadyscore up

console: $(CONSOLE) ## build the staff console, which the API serves at /

test: $(INSTALLED) $(TYPES) $(CONSOLE) ## every check and every test
	@$(MAKE) $(SIDE_BY_SIDE) $(CHECKS) chromium mistakes
	$(PYTEST) --ignore=tests/unit --ignore=tests/system --ignore=tests/browser $(TWO_FILES_AT_ONCE)
	CHROMIUM=$$($(BIN)/python -m tools.chromium) $(PYTEST) tests/system tests/browser $(TWO_FILES_AT_ONCE)

check: $(INSTALLED) $(TYPES) ## format, lint, types, the compose file, and the tests that need nothing running
	@$(MAKE) $(SIDE_BY_SIDE) $(CHECKS)

# the longest first: the shortest leave no core idle in the end
CHECKS := check-format check-types check-units check-pages check-compose check-web
# who waits for the network or runs in one thread leaves a core to somebody else; old makes mix what they say
SIDE_BY_SIDE := --no-print-directory --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
TWO_FILES_AT_ONCE := --numprocesses=2 --dist=loadfile --no-loadscope-reorder
PYTEST := $(BIN)/python -m pytest

.PHONY: $(CHECKS) chromium mistakes
check-format:
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
check-types:
	$(BIN)/mypy
check-units:
	$(PYTEST) tests/unit
check-pages:
	$(NPM) run test
check-compose:
	$(BIN)/python tools/check_compose.py
check-web:
	$(NPM) run check
chromium:
	@$(BIN)/python -m tools.chromium
mistakes:
	@$(BIN)/python -m tools.model --mistakes

format: $(INSTALLED) $(PACKAGES) ## put the code into its format
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)
	$(NPM) run format

histories: $(INSTALLED) ## record the workflow histories that tests/histories lacks (ARGS="record/burst" records this one anew)
	PYTHONPATH=.:tests $(BIN)/python -m temporal_fakes.record $(ARGS)

model: $(INSTALLED) ## check the protocol's model in all its states, and that it finds each planted mistake (ARGS=--mistakes: just OpenG2P's)
	$(BIN)/python -m tools.model $(ARGS)

faults: $(INSTALLED) ## try every fault, and some mixes, on a stand of real processes (an hour; ARGS="--help" tells how to try less)
	@$(BIN)/python -m faults $(ARGS)

bench: $(INSTALLED) .venv/.bench-installed ## measure the project beside its peers (hours; ARGS="--help" tells how to run less)
	@$(BIN)/python -m bench $(ARGS)

bench-api: $(INSTALLED) ## measure get_scores under 200 readers and 20 approvals a second (ARGS="--help" tells how to ask for others)
	@$(BIN)/python -m bench.api $(ARGS)

bench-builders: $(INSTALLED) ## measure the leaderboard of 1,000,000 builders, with its plans (ARGS="--users 10000" for less)
	@$(BIN)/python -m bench.builders $(ARGS)

# what the console is told of the API, for its types
$(TYPES): $(PACKAGES) $(wildcard api/*.py api/routes/*.py builders/*.py registry/*.py scoring/*.py store/*.py)
	$(BIN)/python -m tools.openapi > web/console/openapi.json
	$(NPM) run types

$(CONSOLE): $(PACKAGES) $(shell find web/widget web/console -type f -not -path '*/node_modules/*' -not -name openapi.json -not -name schema.d.ts)
	@echo 'building the console'
	@$(NPM) run build

$(PACKAGES): web/package-lock.json $(INSTALLED)
	@echo "installing the console's locked packages into web/node_modules"
	@$(NPM) --loglevel=error ci || { echo "npm's reason stands above; it asks the registry that its configuration names, through HTTPS_PROXY where that is set"; exit 1; }

.venv/.bench-installed: locks/bench.txt $(INSTALLED)
	@echo 'installing the peers, locked, into .venv'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/bench.txt
	@touch $@

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command 'make lock'

screenshots: $(INSTALLED) $(CONSOLE) ## take the pictures of the console anew (ARGS="--all FOLDER": every page in every look, into that folder)
	@$(BIN)/python -m tools.screenshots $(ARGS)

lock: $(INSTALLED) ## write the lock files anew from pyproject.toml and web/package.json
	$(COMPILE) --upgrade pyproject.toml --output-file locks/runtime.txt
	$(COMPILE) --upgrade --constraint locks/runtime.txt pyproject.toml --extra embedded --group dev \
		--output-file locks/development.txt
	$(COMPILE) --upgrade --constraint locks/runtime.txt --constraint locks/development.txt pyproject.toml \
		--extra embedded --group bench --output-file locks/bench.txt
	$(NPM) --loglevel=error update --package-lock-only
	$(BIN)/python -m tools.npm_lock

clean: ## remove what was installed, and the data of up and demo
	rm -rf .venv .steadyscore api/console web/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(INSTALLED): locks/development.txt pyproject.toml tools/setup.py
	@$(PYTHON) tools/setup.py
