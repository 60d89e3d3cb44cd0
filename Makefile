# Needs make and CPython 3.11, 3.12 or 3.13; everything else is set up by `make setup`, which every target calls.
VENV := .venv
BIN := $(VENV)/bin
PEERS := $(VENV)/peers
KAFKA := $(VENV)/kafka
CANDIDATES := python3 python3.13 python3.12 python3.11
SUITABLE := import sys; sys.exit(sys.implementation.name != "cpython" or not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for python in $(CANDIDATES); do $$python -c '$(SUITABLE)' 2>/dev/null && echo $$python && break; done)
# Contract and acceptance tests that lean on what a broker does; the others would do the same on any.
ON_KAFKA := tests/kafka tests/cluster tests/contract/test_event_producer.py tests/contract/test_simulator_emits.py \
	$(addprefix tests/acceptance/test_,counting_once.py faults.py lost_logs.py zombie.py chaos.py monitor.py survey.py waiting.py)
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header

# Tests wait for other processes half of their time, so two run side by side, each with servers of its own. xdist would
# begin with the files of many tests, and end with those of few long ones: tests/conftest.py knows better.
PYTEST = $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# uv takes a quarter of pip's time. Where only pip knows the way to an index, pip installs the same lock.
uv = $(BIN)/uv pip install --quiet --python $(1)/python --no-deps
pip = $(1)/python -m pip install --quiet --disable-pip-version-check --no-deps
define install
$(call uv,$(2)) --compile-bytecode --require-hashes -r $(1) \
	|| { echo "uv could not install; trying pip, which takes longer"; $(call pip,$(2)) --require-hashes -r $(1); }
endef

.DEFAULT_GOAL := help
.PHONY: help setup run test test-kafka soak lint bench lock

help: ## Show this
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST)

setup: $(VENV)/.setup ## Install what it takes to run, into .venv

run: setup ## Run the demo: database, broker, worker, monitor and simulator
	@$(BIN)/klantreis up --demo

test: $(VENV)/.dev ## Run every test
	@.ci/debian-packages
	@.ci/npm
	@$(PYTEST)

test-kafka: $(VENV)/.dev ## Run on Apache Kafka what a broker can break; needs root on Debian, or Java 17 and Maven
	@.ci/debian-packages kafka
	@$(MAKE) --no-print-directory $(KAFKA)/.fetched
	@$(PYTEST) --broker kafka $(ON_KAFKA)

soak: $(VENV)/.dev ## Disturb the counting of 20 times 10,000 events, renew brokers, fuzz codec and API; takes an hour
	@$(BIN)/python -m pytest tests/soak -o log_cli=true -o log_cli_level=INFO -o log_cli_format='%(asctime)s %(message)s'

lint: $(VENV)/.dev ## Check style, types and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.bench ## Measure what the performance claims rest on; takes an hour
	@$(BIN)/python -m benchmarks

lock: $(BIN)/uv ## Resolve the dependencies anew into the lock files
	printf 'hatchling>=1.27\neditables\n' | $(LOCK) --upgrade --extra embedded --output-file requirements.lock pyproject.toml -
	$(LOCK) --upgrade --group dev --constraints requirements.lock --output-file requirements-dev.lock
	$(LOCK) --upgrade --group bench --output-file requirements-bench.lock

$(VENV)/.setup: requirements.lock pyproject.toml | $(BIN)/uv
	@echo "Installing what is locked in requirements.lock"
	@$(call install,requirements.lock,$(BIN))
	@$(call uv,$(BIN)) --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.setup
	@echo "Installing what is locked in requirements-dev.lock"
	@$(call install,requirements-dev.lock,$(BIN))
	@touch $@

# Maven keeps what it fetched in its own folder, so that another checkout fetches nothing.
$(KAFKA)/.fetched: deploy/kafka/pom.xml
	@echo "Fetching Apache Kafka from Maven Central"
	@rm -rf $(KAFKA)
	@mvn -B -q -C -f $< dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/$(KAFKA) >$(VENV)/maven.log 2>&1 \
		|| { echo "Maven Central could not be reached, so Apache Kafka is not here: see $(VENV)/maven.log"; exit 1; }
	@touch $@

# What the product is measured beside wants other versions than the product, so it has an environment of its own.
$(VENV)/.bench: requirements-bench.lock $(VENV)/.setup
	@echo "Installing what is locked in requirements-bench.lock, into $(PEERS)"
	@$(BIN)/python -m venv $(PEERS)
	@$(call install,requirements-bench.lock,$(PEERS)/bin)
	@touch $@

# pip wants the hash beside the name, so uv's lines are cut out of the lock that holds them.
$(BIN)/uv:
	@test -n "$(PYTHON)" || { echo "Klantreis needs CPython 3.11, 3.12 or 3.13, and found none of: $(CANDIDATES)."; \
		echo "Install one, or name it: make $(or $(MAKECMDGOALS),setup) PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c '$(SUITABLE)' || { echo "Klantreis needs CPython 3.11, 3.12 or 3.13; $(PYTHON) is $$($(PYTHON) -V)"; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) -V)"
	@$(PYTHON) -m venv $(VENV)
	@sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.lock >$(VENV)/uv.lock
	@$(call pip,$(BIN)) --require-hashes -r $(VENV)/uv.lock
