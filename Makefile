# Everything is installed into .venv from hashed locks; after that, nothing needs a network.
# Each target prints what it does when it does something; `make help` lists them all.

PYTHON ?= python3
PORT ?= 5000
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
NO_VENV := The Python module venv is missing. Type: sudo apt-get install python3-venv
NO_PYTHON := Participate needs Python 3.11 or newer as python3. Type: sudo apt-get install python3 python3-venv

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.PHONY: help install install-dev demo demo-reset test check lint types catalogues mutants gallery every-page audit sbom bench acceptance soak lock clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

$(PY):
	@command -v $(PYTHON) >/dev/null && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "$(NO_PYTHON)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(NO_VENV)" >&2; exit 1; }
	@echo "Creating $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# $(call locked,LOCK): install a lock unless this very text is installed already, then the project itself, then
# the catalogues. Only the first of the three needs a network.
define locked
	@if ! cmp -s $(1) $(VENV)/$(1); then \
	  echo "Installing $(1) into $(VENV)"; \
	  $(PIP) install --require-hashes -r $(1); \
	  cp $(1) $(VENV)/$(1); \
	fi
	@if ! cmp -s pyproject.toml $(VENV)/pyproject.toml; then \
	  $(PIP) install --no-index --no-deps --no-build-isolation --editable .; \
	  cp pyproject.toml $(VENV)/pyproject.toml; \
	fi
	@if compgen -G 'translations/*/LC_MESSAGES/*.po' >/dev/null; then \
	  $(VENV)/bin/pybabel --quiet compile --directory translations; \
	fi
endef

install: $(PY) ## install what running needs, from requirements.lock
	$(call locked,requirements.lock)

install-dev: $(PY) ## install what testing needs too, from requirements-dev.lock
	$(call locked,requirements-dev.lock)

demo: install ## serve the demo (make demo PORT=8080 for another port); starting again keeps its data
	@exec $(VENV)/bin/participate demo --serve --port $(PORT)

demo-reset: install ## put the demo back to its beginning
	@$(VENV)/bin/participate demo --reset

# The last line is pytest's own closing line: each run below stops everything if it fails.
test: install-dev ## check, then test rules, rooms and pages, then with a browser; installs what that needs
	@$(PY) -m tests.support.find_browser >$(VENV)/chromium
	@$(PY) -m tests.support.postgres
	@$(MAKE) check
	$(PY) -m pytest --ignore=tests/browser --ignore=tests/load
	@if [ -d tests/load ]; then $(PY) -m pytest tests/load --dist=loadfile; fi
	@if [ -d tests/browser ]; then CHROMIUM="$$(<$(VENV)/chromium)" $(PY) -m pytest tests/browser; fi

soak: install-dev ## the long runs: full counts of votes, closings, kills, backups; figures at the end (an hour; ONLY=WORD)
	@$(PY) -m tests.support.postgres
	$(PY) -m tests.support.soak $(ONLY)

check: install-dev ## all that can be known without running: style, types, imports, translations
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-logo
	$(PY) -m tests.support.catalogues check

lint: install-dev ## style of code and templates, with what can be repaired repaired
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .
	$(VENV)/bin/djlint participate --lint --quiet

types: install-dev ## types alone
	$(VENV)/bin/mypy

catalogues: install-dev ## bring new message ids into translations/, then compile them
	$(PY) -m tests.support.catalogues update

mutants: install-dev ## plant known faults one at a time; each must be noticed (some minutes; ONLY=WORD for a part)
	@$(PY) -m tests.support.postgres
	$(PY) -m tests.support.mutants $(ONLY)

audit: install-dev ## known vulnerabilities of everything installed; needs a network, and fails without one
	@$(PY) -m tests.support.audit

sbom: install-dev ## what running is made of, from the lock: build/sbom.json (CycloneDX)
	@$(PY) -m tests.support.sbom

gallery: install-dev ## picture every page into build/gallery (ONLY=portal LANGS="ar fr" WIDTHS="360 1280" SCHEMES=light)
	@$(PY) -m tests.support.gallery $(if $(ONLY),--only "$(ONLY)") $(if $(LANGS),--langs "$(LANGS)") \
	  $(if $(WIDTHS),--widths "$(WIDTHS)") $(if $(SCHEMES),--schemes "$(SCHEMES)")

every-page: install-dev ## let axe look at every page: languages, widths, light and dark (ten minutes; ONLY=portal for a part)
	@$(PY) -m tests.support.gallery --check $(if $(ONLY),--only "$(ONLY)")

bench: install-dev ## measure; results as JSON
	$(PY) -m bench

acceptance: install-dev ## try the synthesis engine on real conversations in ../shared/data, with its figures (minutes)
	$(PY) -m pytest tests/synthesis_engine -n 0 -q -rP
	$(PY) -m bench.acceptance

lock: $(PY) ## renew both locks (UPGRADE=--upgrade for newer versions); installs uv beside, only for this
	@[ -x .stamps/uv/bin/uv ] || { $(PYTHON) -m venv .stamps/uv; .stamps/uv/bin/python -m pip install --quiet uv; }
	.stamps/uv/bin/uv pip compile $(LOCK) --extra postgres -o requirements.lock
	.stamps/uv/bin/uv pip compile $(LOCK) --extra dev -c requirements.lock -o requirements-dev.lock
LOCK := pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --quiet $(UPGRADE) \
  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

clean: ## remove what was installed, compiled and cached; the data in instance/ stays
	rm -rf $(VENV) .stamps build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find participate tests bench migrations -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
	find translations -name '*.mo' -delete 2>/dev/null || true
