# The two commands that matter are `make demo` and `make test`. They need Python 3.11 with venv, and make; nothing else.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
SERVE ?= 1

# Two native libraries spin while they wait for each other; on a busy machine that doubles every time below.
export OMP_WAIT_POLICY := passive
export GOMP_SPINCOUNT := 0
export MLFLOW_DISABLE_TELEMETRY := true
export DO_NOT_TRACK := true

.PHONY: help
help:
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

# --- an environment -------------------------------------------------------------------------------------------------
# A stamp is newer than the lists it was made from, or the lists are installed again.

$(BIN)/.bootstrap: requirements/bootstrap.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 is missing: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than 3.11"; exit 1; }
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

# uv takes seconds and pip takes minutes; pip still does it where uv cannot.
define install_locked
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-index --no-build-isolation --editable .
endef

$(BIN)/.run: $(BIN)/.bootstrap requirements/run.txt pyproject.toml
	$(call install_locked,requirements/run.txt)
	@touch $@

$(BIN)/.dev: $(BIN)/.bootstrap requirements/dev.txt pyproject.toml
	$(call install_locked,requirements/dev.txt)
	@touch $(BIN)/.run $@

.PHONY: install
install: $(BIN)/.dev ## the environment, with everything that tests and checks need

# --- what it is for -------------------------------------------------------------------------------------------------

.PHONY: demo serve serve-prod
demo: $(BIN)/.run ## a made-up city, its model, this week's lists, and the page (STUDENTS=4000 SERVE=0)
	$(BIN)/permanencia demo $(if $(STUDENTS),--students $(STUDENTS)) $(if $(filter 0,$(SERVE)),--no-serve)

serve: $(BIN)/.run ## the page and the API on 127.0.0.1:8000, with what is published
	$(BIN)/permanencia serve

serve-prod: $(BIN)/.run ## the service on PostgreSQL, with several workers; docs/running_it.md tells what it needs (WORKERS=2)
	@test -n "$$PERMANENCIA_DATABASE_URL" || { echo "PERMANENCIA_DATABASE_URL is not set: see docs/running_it.md"; exit 1; }
	@if [ -n "$$PERMANENCIA_DATABASE_OWNER_URL" ]; then $(BIN)/permanencia db upgrade; fi
	@unset PERMANENCIA_DATABASE_OWNER_URL; exec $(BIN)/permanencia serve --workers $(or $(WORKERS),2)

# --- is it right ----------------------------------------------------------------------------------------------------

.PHONY: test check notebooks
test: export OMP_NUM_THREADS := 1
test: export POLARS_MAX_THREADS := 1
test: $(BIN)/.dev ## the whole suite, two files at a time
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST)

check: $(BIN)/.dev ## style, format, types, and who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

notebooks: export MPLBACKEND := Agg
notebooks: $(BIN)/.dev ## every notebook, from its first line to its last
	@for notebook in notebooks/[0-9]*.py; do echo "$$notebook"; $(BIN)/python "$$notebook" || exit 1; done

# --- what is generated ----------------------------------------------------------------------------------------------

.PHONY: docs lock
docs: $(BIN)/.dev ## the pages that are written from the code
	$(BIN)/python docs/write_features.py
	$(BIN)/python -m features.sources.open_format_schema
	$(BIN)/python -m features.simulation.assumptions_page > docs/simulation_assumptions.draft
	@mv docs/simulation_assumptions.draft docs/simulation_assumptions.md

LOCK := $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11
lock: $(BIN)/.bootstrap ## newer versions of everything, with their hashes (commit what it changes)
	$(LOCK) --upgrade --extra dev pyproject.toml -o requirements/dev.txt
	$(LOCK) --upgrade -c requirements/dev.txt pyproject.toml -o requirements/run.txt
	$(LOCK) --upgrade -c requirements/dev.txt requirements/bootstrap.in -o requirements/bootstrap.txt
	@! grep -nE -e '--(extra-)?index-url|--find-links|https?://' requirements/*.txt
