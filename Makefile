# All commands of the project; `make help` lists them. They need Python >= 3.11 and nothing else. The
# browser tests use an installed Chromium, or install Debian's.

SHELL := /bin/sh
.DEFAULT_GOAL := help

UV_VERSION := 0.13.9
TOOLS := .tools
UV_FOUND := $(shell command -v uv 2>/dev/null)
UV ?= $(or $(UV_FOUND),$(TOOLS)/bin/uv)
# Use an installed Python; never download one.
export UV_PYTHON_DOWNLOADS := never
# Run what is locked; `make lock` updates uv.lock after a change to pyproject.toml.
RUN := $(UV) run --frozen

VENV := .venv
STAMP := $(VENV)/.quizrun-setup
CLIENTS := tests/clients
RIVAL := bench/rivals/node
WEB := web
WEB_MODULES := $(WEB)/node_modules/.package-lock.json
WEB_BUILT := $(WEB)/dist/index.html
# The sources of the web client.
WEB_SOURCES := $(shell find $(WEB)/src $(WEB)/build $(WEB)/public $(WEB)/*.* -type f 2>/dev/null)
NODE := $(RUN) --no-sync python -m deploy.local.node
WEB_RUN := $(NODE) npm --prefix $(WEB) run --silent
PYTEST_ARGS ?=
# Most tests spend their time waiting, so more processes than cores, but fewer where each starts a whole stack.
# `process_of` in tests/conftest.py says which tests share a process.
SHARED := --dist loadscope --no-loadscope-reorder
PARALLEL := --numprocesses 4 $(SHARED)
# The packages with tests marked `alone`; the others need not be collected again.
ALONE := tests/attacks tests/nginx tests/system tests/bench
# Let all pytest processes share compiled bytecode, even if the environment forbids writing it.
export PYTHONDONTWRITEBYTECODE :=
RENEW ?=
E2E_ARGS ?=
UP_ARGS ?=
DEMO_ARGS ?=
BENCH_ARGS ?=
CHAOS_ARGS ?=
ENGINES_ARGS ?=
MUTANTS ?=

.PHONY: help setup hooks node-setup web web-setup web-test web-check web-lint web-types web-text screenshots e2e up down status demo test coverage coverage-rules mutants fuzz check format lock generate replay bench chaos engines engines-early programs-early engines-up deploy-check deploy-early lock-check generated-check python-check python-types python-text advisories-check audit sbom release clean

help: ## List the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) hooks ## Install everything into .venv (again only if uv.lock has changed)

# Reinstalled when uv.lock or pyproject.toml has changed, or the environment is missing.
$(STAMP): uv.lock pyproject.toml | $(UV)
	# Compile bytecode once, or every new process would spend seconds on it.
	$(UV) sync --frozen --extra local --extra aws --compile-bytecode
	@touch $@

# uv itself, pinned, in a private environment, if it is not installed.
$(TOOLS)/bin/uv:
	python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Quizrun needs Python 3.11 or newer; python3 is " + sys.version.split()[0])'
	python3 -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# A uv found by `command -v` needs no rule.
ifneq ($(UV_FOUND),)
$(UV): ;
endif

# Only for committers: not in CI, not in an unpacked archive, and never over existing hooks.
hooks: $(STAMP)
	@if [ -z "$$CI" ] && [ -e .pre-commit-config.yaml ] && hooks=$$(git rev-parse --git-path hooks 2>/dev/null) \
		&& [ ! -e "$$hooks/pre-commit" ] && ! git config core.hooksPath >/dev/null; then $(RUN) --no-sync pre-commit install; fi

node-setup: $(STAMP) ## Install the JavaScript packages of tests and benchmarks
	@$(MAKE) --no-print-directory $(CLIENTS)/node_modules/.package-lock.json $(RIVAL)/node_modules/.package-lock.json

# npm writes this file last, so it marks a complete installation.
$(CLIENTS)/node_modules/.package-lock.json $(RIVAL)/node_modules/.package-lock.json: \
%/node_modules/.package-lock.json: %/package-lock.json %/package.json | $(STAMP)
	$(NODE) npm ci --prefix $* --no-audit --no-fund
	@touch $@

web-setup: $(WEB_MODULES) ## Install the packages that build the web client

$(WEB_MODULES): $(WEB)/package-lock.json $(WEB)/package.json | $(STAMP)
	$(NODE) npm ci --prefix $(WEB) --no-audit --no-fund
	@touch $@

web: $(WEB_BUILT) ## Build the web client (again only if it has changed)

$(WEB_BUILT): $(WEB_SOURCES) $(WEB_MODULES)
	$(WEB_RUN) build
	@touch $@

web-test: $(WEB_BUILT) # Run the web client's unit tests and check its size budget
	$(WEB_RUN) test
	$(WEB_RUN) budget

web-check: web-lint web-types web-text

web-lint: $(WEB_MODULES)
	$(WEB_RUN) lint

web-types: $(WEB_MODULES)
	$(WEB_RUN) types

web-text: $(WEB_MODULES)
	$(WEB_RUN) protocol:check
	$(WEB_RUN) format:check
	$(WEB_RUN) secrets

screenshots: $(STAMP) $(WEB_BUILT) $(CLIENTS)/node_modules/.package-lock.json ## Photograph every screen into web/screenshots/out (RENEW=1: docs/images, too)
	RENEW=$(RENEW) $(WEB_RUN) screenshots

up: $(STAMP) $(WEB_BUILT) ## Start everything on this machine, until Ctrl-C (UP_ARGS="--gateways 2")
	@exec $(VENV)/bin/quizrun up $(UP_ARGS)

down: $(STAMP) ## Stop the stack that `make up` started
	@$(VENV)/bin/quizrun down

status: $(STAMP) ## Show processes, addresses and health
	@$(VENV)/bin/quizrun status

demo: $(STAMP) ## Play a whole quiz with many players (DEMO_ARGS="…")
	@exec $(VENV)/bin/quizrun demo $(DEMO_ARGS)

# In CI, on shared machines, Python tests that fail get one second attempt, with nothing beside them. The first failure stays in
# the log: it is a fault of the test or of the product.
AGAIN = $(if $(CI),|| $(RUN) pytest --last-failed --last-failed-no-failures none)

test: setup engines-early deploy-early programs-early node-setup web-test ## Run all tests, against real servers (PYTEST_ARGS="-k name")
ifeq ($(strip $(PYTEST_ARGS)),)
	@$(MAKE) --no-print-directory coverage-rules
	# Wait for what `programs-early` installs: a program that is only half unpacked is on the PATH already.
	$(RUN) python -m tests.programs
	$(RUN) pytest $(PARALLEL) -m 'not stack and not alone' --ignore=tests/quiz --ignore=tests/workflows $(AGAIN)
	$(RUN) pytest --numprocesses 3 $(SHARED) -m 'stack and not alone' --durations=40 $(AGAIN)
	$(RUN) pytest -m alone $(ALONE) $(AGAIN)
	# Run after the others, because both measure time.
	@$(MAKE) --no-print-directory e2e
else
	$(RUN) pytest $(PYTEST_ARGS)
	@echo 'PYTEST_ARGS chooses some tests; those in a browser are left to `make e2e`.'
endif

# Tracing costs half as much CPU time again (three times in property tests), so `make test` traces only rules and workflows.
COVER := --cov-report=term --cov-report=html:.coverage/html

coverage: setup engines-early deploy-early node-setup $(WEB_BUILT) ## Measure branch coverage: .coverage/html and web/coverage
	$(RUN) pytest $(PARALLEL) -m 'not alone' --cov --cov-branch $(COVER)
	$(WEB_RUN) coverage

# The least that must be covered of rules and workflows, in percent of lines and branches; the aim is 100.
RULES_COVERED := 99

coverage-rules: setup ## Run the tests of quiz/ and workflows/, and fail if they cover too little
	$(RUN) pytest --numprocesses 3 --dist loadscope tests/quiz tests/workflows --cov=quiz --cov=workflows --cov-branch \
		--cov-report=term-missing:skip-covered --cov-fail-under=$(RULES_COVERED)

mutants: $(STAMP) ## Mutate the rules in quiz/, and list the mutants that no test kills (MUTANTS="quiz.pace.*")
	$(RUN) mutmut run $(patsubst %,'%',$(MUTANTS))
	$(RUN) mutmut results | grep -v 'not checked$$'

# Minutes for each target; FUZZ names some of them. Atheris has an environment of its own.
FUZZ_MINUTES ?= 10
FUZZ ?=

fuzz: $(STAMP) ## Fuzz the API, sockets, importers and rules: FUZZ_MINUTES each (FUZZ="socketio workbook")
	UV_PROJECT_ENVIRONMENT=$(TOOLS)/fuzz FUZZ_MINUTES=$(FUZZ_MINUTES) \
		nice -n 19 $(UV) run --frozen --extra local --group fuzz python -m tests.fuzz $(FUZZ)

# Build Temporal during the first tests, at the lowest priority; the tests that need it run last and wait.
engines-early: $(STAMP)
ifeq ($(strip $(PYTEST_ARGS)),)
	@mkdir -p $(TOOLS); nice -n 19 $(RUN) --no-sync python -m deploy.engines.prepare >$(TOOLS)/engines.log 2>&1 &
endif

# Install browsers and servers from Debian's packages, all at once, during the checks and the first tests.
programs-early: $(STAMP)
ifeq ($(strip $(PYTEST_ARGS)),)
	@mkdir -p $(TOOLS); $(RUN) --no-sync python -m tests.programs >$(TOOLS)/programs.log 2>&1 &
endif

engines: $(STAMP) ## Fetch and build the production engines: Apache Kafka, Temporal (needs Java, Maven, Go)
	$(RUN) --no-sync python -m deploy.engines.prepare

engines-up: $(STAMP) $(WEB_BUILT) ## `make up` on the production engines (ENGINES_ARGS="--brokers 3 --redis-cluster")
	@exec $(VENV)/bin/python -m deploy.engines $(ENGINES_ARGS) -- $(VENV)/bin/quizrun up --sample $(UP_ARGS)

e2e: $(STAMP) $(WEB_BUILT) $(CLIENTS)/node_modules/.package-lock.json ## Play whole quizzes in a browser (E2E_ARGS="playing")
	@chromium=$$($(RUN) --no-sync python -m deploy.local.chromium) \
		&& QUIZRUN_CHROMIUM="$$chromium" $(WEB_RUN) e2e -- $(E2E_ARGS)

check: $(STAMP) $(WEB_MODULES) ## Check formatting, style, types, imports, generated files, links, the lock, secrets and licences
	# What takes longest is started first.
	@$(MAKE) --no-print-directory --jobs=3 web-lint python-types web-check python-check advisories-check

python-check: python-types python-text lock-check generated-check

python-types: $(STAMP)
	$(RUN) mypy

python-text: $(STAMP)
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) lint-imports
	$(RUN) python -m deploy.checks.links
	$(RUN) python -m deploy.checks.named_tests
	$(RUN) pytest --quiet --numprocesses 0 tests/packaging/test_sleeps.py
	$(RUN) python -m deploy.checks.licences

# Says "not checked" where the network does not reach the advisories.
advisories-check: $(STAMP)
	@$(RUN) python -m deploy.checks.advisories

audit: $(STAMP) $(WEB_MODULES) ## Look for known vulnerabilities, secrets and licences; fails without a network
	$(WEB_RUN) secrets
	$(RUN) python -m deploy.checks.licences
	$(RUN) python -m deploy.checks.advisories --required

lock-check: | $(UV)
	$(UV) lock --check

generated-check: $(STAMP)
	$(RUN) python -m gateway.generate --check
	$(RUN) python -m deploy.configuration --check
	$(RUN) python -m deploy.grafana.generate --check

format: $(STAMP) $(WEB_MODULES) ## Format the code and fix what can be fixed automatically
	$(RUN) ruff format .
	$(RUN) ruff check --fix .
	$(WEB_RUN) format

lock: | $(UV) ## Update uv.lock after a change to pyproject.toml
	$(UV) lock

generate: $(STAMP) $(WEB_MODULES) ## Regenerate API descriptions, the web client's types, dashboards and settings tables
	$(RUN) python -m gateway.generate
	$(RUN) python -m deploy.configuration
	$(RUN) python -m deploy.grafana.generate
	$(RUN) python -m deploy.elastic.generate
	$(WEB_RUN) protocol

replay: $(STAMP) ## Replay recorded workflow histories against today's workflows
	$(RUN) pytest tests/workflows -k replay $(PYTEST_ARGS)

bench: $(STAMP) $(RIVAL)/node_modules/.package-lock.json ## Run the benchmarks: tables, JSON, plot (BENCH_ARGS="--part rooms")
	$(RUN) python -m bench $(BENCH_ARGS)

chaos: $(STAMP) ## Run seeded schedules of faults and audit every promise (CHAOS_ARGS="--seed 7")
	$(RUN) python -m tests.chaos $(CHAOS_ARGS)

deploy-check: $(STAMP) ## Check the Dockerfile, the compose file and the Helm chart
	$(RUN) python -m deploy.checks

# Build Helm during the first tests, at the lowest priority; the tests that need it run last and wait.
deploy-early: $(STAMP)
ifeq ($(strip $(PYTEST_ARGS)),)
	@mkdir -p $(TOOLS); nice -n 19 $(RUN) --no-sync python -m deploy.checks.prepare >$(TOOLS)/deploy-early.log 2>&1 &
endif

sbom: $(STAMP) $(WEB_BUILT) ## Write bills of materials (CycloneDX) into dist/
	$(RUN) python -m deploy.sbom

release: check $(WEB_BUILT) ## Set the version, close the changelog, build and tag (VERSION=1.2.3); pushes nothing
	$(RUN) python -m deploy.release tag $(VERSION)

clean: ## Remove environments, caches and the stack's data
	@if [ -x $(VENV)/bin/quizrun ]; then $(VENV)/bin/quizrun down >/dev/null 2>&1 || true; fi
	rm -rf $(VENV) $(TOOLS) .quizrun .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage mutants
	rm -rf $(CLIENTS)/node_modules bench/rivals/*/node_modules $(WEB)/node_modules $(WEB)/dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
