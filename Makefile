# Two commands matter: `make demo` and `make test`. Both install what they need into .venv first.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet

.PHONY: demo test lint bench clean

.venv/.base: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) install --constraint constraints.txt --editable '.[all]'
	touch $@

.venv/.dev: .venv/.base
	$(PIP) install --constraint constraints.txt --editable '.[dev]'
	touch $@

demo: .venv/.base
	@$(BIN)/python -m scripts.demo

# A browser, for the tests that look at the UI.
chromium:
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium >/dev/null; }
.PHONY: chromium

lint: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

test: lint chromium
	$(BIN)/python -m pytest --numprocesses 2 --dist loadscope

bench: .venv/.base
	for file in benchmarks/*.py; do PYTHONPATH=. $(BIN)/python $$file || exit 1; done

clean:
	rm -rf lake .dagster
