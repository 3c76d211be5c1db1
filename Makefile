# Two commands for a newcomer: `make run` and `make test`. Everything is installed into .venv.
SHELL := /bin/sh
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
# onnxruntime reports to its maker unless told not to; the program says so itself, this covers every other use.
export ORT_DISABLE_TELEMETRY := 1
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet

.PHONY: run test lint demo check lock clean help
help: ## List what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

.venv/python:
	@test -n "$(PYTHON)" || { echo "No Python >= 3.11 was found. Install one (Debian: apt install python3 python3-venv; macOS: brew install python) or run: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) lacks venv. Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@touch $@

.venv/run: .venv/python requirements.lock pyproject.toml
	@echo "Installing what the daemon needs (once) ..."
	@$(PIP) --require-hashes --only-binary :all: -r requirements.lock
	@$(PIP) --no-deps -e .
	@touch $@

.venv/dev: .venv/python requirements-dev.lock pyproject.toml
	@echo "Installing what tests and linters need (once) ..."
	@$(PIP) --require-hashes --only-binary :all: -r requirements-dev.lock
	@$(PIP) --no-deps -e .
	@touch $@ .venv/run

run: .venv/run ## Run the daemon: SQLite, shipped configuration and model, console and review page
	@$(BIN)/crisis-monitor run $(ARGS)

demo: .venv/run ## Tell the days before a made-up crisis through the real pipeline to the terminal and a Slack stand-in, within a minute
	@$(BIN)/python -m tests.servers.demo

test: .venv/dev ## Set everything up and pass the whole suite
	@sh tests/setup.sh
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

lint: .venv/dev ## Style, types and import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

lock: ## Write the lock files anew (needs uv)
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml --extra encoder --extra charts -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml --extra encoder --extra charts --group dev -o requirements-dev.lock

clean: ## Remove what was installed and built
	rm -rf .venv dist build
