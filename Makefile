# Every target works on a fresh machine with make and Python 3.11 or later: the first one run makes .venv.

.DEFAULT_GOAL := help
.PHONY: help demo check test docs goldens bench oracle
.DELETE_ON_ERROR:

VENV     ?= .venv
BIN      := $(VENV)/bin
READY    := $(VENV)/.ready
# The first of these that is new enough makes the environment; `make PYTHON=…` chooses another.
PYTHON   ?= python3 python3.13 python3.12 python3.11 python3.14 python
# The least statement coverage, in percent, with which `make test` passes.
COVERAGE ?= 95

export PIP_DISABLE_PIP_VERSION_CHECK := 1

help: ## says what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

demo: $(READY) ## checks a project full of known defects
	@echo 'A multi-tenant revenue schema, read from its Alembic revisions: no database, nothing of it is run.'
	@echo
	@$(BIN)/schemaguard check fixtures/projects/b03_foundation; [ $$? -eq 1 ]
	@echo
	@echo 'Above: what `schemaguard check fixtures/projects/b03_foundation` finds; it exits with 1, as a gate should.'
	@echo 'Next:  $(BIN)/schemaguard check fixtures/projects/b03_hardened, the same project after its first repair.'

check: $(READY) ## ruff, formatting, mypy, generated pages fresh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m docs.generate --check

test: $(READY) ## the whole suite, with coverage
	$(BIN)/pytest --cov --cov-fail-under=$(COVERAGE)

docs: $(READY) ## writes the generated pages anew
	$(BIN)/python -m docs.generate

goldens: $(READY) ## writes the expected reports anew; read the diff
	$(BIN)/pytest --update-goldens

bench: $(READY) ## speed, side by side with peers, into docs/performance.md
	$(BIN)/python benchmarks/run.py

oracle: $(READY) ## long random histories against a real PostgreSQL
	$(BIN)/pytest -m oracle --hypothesis-profile=oracle

# One installation for all targets; again when the dependencies change.
$(READY): pyproject.toml setup.py
	@if ! $(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	  for python in $(PYTHON) none; do \
	    "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	  done; \
	  if [ "$$python" = none ]; then \
	    echo 'schemaguard needs Python 3.11 or later with its venv module; none of these is one: $(PYTHON).' >&2; \
	    echo 'Install one (Debian, Ubuntu: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python3' >&2; \
	    exit 1; \
	  fi; \
	  echo "Making $(VENV) with $$("$$python" --version)" >&2; \
	  "$$python" -m venv --clear $(VENV); \
	fi
	@echo 'Installing schemaguard and its tools into $(VENV)' >&2
	@$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@
