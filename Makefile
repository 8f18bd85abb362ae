# The one door of the house. Each command does its own set-up on a fresh Debian 12 that has
# git, make and Python 3.11; a second call goes straight to work. `make help` lists them.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

UV_VERSION := 0.13.9
UV := .tools/bin/uv
BIN := .venv/bin
PYTHON := $(BIN)/python

FOR_ALL := python3-venv libzbar0 fonts-croscore
FOR_TESTS := chromium postgresql redis-server kannel kannel-extras exim4-daemon-light softhsm2 strace iproute2

# Trust the authorities that this machine trusts: many offices have their own.
AUTHORITIES := $(wildcard /etc/ssl/certs/ca-certificates.crt)
ifneq ($(AUTHORITIES),)
export PIP_CERT ?= $(AUTHORITIES)
export SSL_CERT_FILE ?= $(AUTHORITIES)
endif
export UV_PYTHON_DOWNLOADS := never
export UV_COMPILE_BYTECODE := 1
export UV_COMPILE_BYTECODE_TIMEOUT := 300
export PIP_DISABLE_PIP_VERSION_CHECK := 1

##@ Commands (ARGS="..." is handed on)

.PHONY: demo
demo: ready ## A whole press conference on this machine: letters, guests, doors, live board
	@$(BIN)/thumoi demo $(ARGS)

.PHONY: test
test: ready-for-tests ## Every test; real mail, real databases, a real browser
	@$(PYTHON) -m pytest $(ARGS)

.PHONY: check
check: ready ## Style, types, layers, sizes, spelling
	@.make/check

.PHONY: bench
bench: ready ## Measure this machine; prints JSON
	@.make/smtp-tools
	@$(BIN)/thumoi bench $(ARGS)

.PHONY: nightly
nightly: ready-for-tests ## The tests that take minutes
	@CI=1 $(PYTHON) -m pytest -m nightly -o timeout=3600 -o faulthandler_timeout=4000 $(ARGS)

.PHONY: words
words: ready ## Take new texts into the English catalogue, and say which have no English yet
	@$(PYTHON) .make/words.py --extract

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Set-up: Debian packages first, since without them nothing else is begun.

.PHONY: ready ready-for-tests made debian debian-for-tests
ready: debian made
ready-for-tests: debian-for-tests made
	@.make/smtp-tools

debian:
	@.make/debian $(FOR_ALL)

debian-for-tests:
	@.make/debian $(FOR_ALL) $(FOR_TESTS)

made: .venv/made-from-lock
	@$(if $(filter-out 0,$(THUMOI_SKIP_ASSETS)),:,$(PYTHON) checkin/frontend/build.py)
	@$(PYTHON) .make/words.py

.tools/made-with-uv-$(UV_VERSION): | ordered
	@echo "· Installing uv $(UV_VERSION) into .tools/" >&2
	@rm -rf .tools
	@"$$(.make/python)" -m venv .tools
	@.tools/bin/python -m pip install --quiet "uv==$(UV_VERSION)"
	@touch $@

# The screens are built by the next step, with the Node that this one installs.
.venv/made-from-lock: uv.lock pyproject.toml .make/hook.py .tools/made-with-uv-$(UV_VERSION)
	@echo "· Installing the Python packages of uv.lock into .venv/" >&2
	@THUMOI_SKIP_ASSETS=1 $(UV) sync --quiet --locked --python "$$(.make/python)"
	@touch $@

# With make -j, the environment still waits for Debian's packages.
.PHONY: ordered
ordered: $(if $(filter test nightly ready-for-tests,$(MAKECMDGOALS)),debian-for-tests,debian)
