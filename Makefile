PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: app test check format clean

app: $(VENV)/.installed
	$(BIN)/python app.py

test: check browser
	$(BIN)/python -m pytest

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# A Chromium for the tests of the page: one that is installed, else Debian's, else Playwright's own.
.PHONY: browser
browser: $(VENV)/.installed-dev
	@if $(BIN)/python tests/browser/find.py >/dev/null 2>&1; then :; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then apt-get update -q && apt-get install -q -y chromium; \
	elif command -v apt-get >/dev/null && command -v sudo >/dev/null; then sudo apt-get update -q && sudo apt-get install -q -y chromium; \
	else $(BIN)/playwright install chromium; fi

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-dev.txt
	touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
