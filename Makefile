# Every target sets up what it needs; the second time it is quick.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes --only-binary=:all:

.PHONY: run demo test check bench screenshots lock clean
.DEFAULT_GOAL := run

run: .venv/.runtime
	$(BIN)/easel run $(ARGS)

demo: .venv/.runtime
	$(BIN)/easel demo $(ARGS)

# The tests start many processes, which would else compile every module anew where the environment forbids bytecode.
test: .venv/.dev .venv/.browser
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

check: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/hadolint --failure-threshold warning Dockerfile

bench: .venv/.dev
	$(BIN)/python -m bench $(ARGS)

screenshots: .venv/.dev .venv/.browser
	rm -rf out/screenshots
	$(BIN)/python -m pytest tests/browser/test_evening.py --screenshots out/screenshots $(ARGS)
	@ls out/screenshots/*.png # else nothing replaces those that are there: without a browser the tests are skipped
	rm -f docs/images/*.png
	cp out/screenshots/*.png docs/images/

.venv/bin/pip:
	@sh requirements/venv.sh $(PYTHON) .venv

# The editable install gives the `easel` command; its one build tool is in the lock file too.
.venv/.runtime: requirements/runtime.txt pyproject.toml | .venv/bin/pip
	$(PIP) -r requirements/runtime.txt
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: requirements/dev.txt | .venv/.runtime
	$(PIP) -r requirements/dev.txt
	@touch $@

# Chromium for the browser tests: the machine's own, else Debian's. Without either they are skipped and say so.
.venv/.browser: | .venv/.dev
	@sh requirements/chromium.sh
	@touch $@

# Needs uv (a developer's tool): resolves pyproject.toml again. Names, versions and hashes only.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		pyproject.toml requirements/build.in -o requirements/runtime.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--extra dev --constraint requirements/runtime.txt pyproject.toml requirements/build.in -o requirements/dev.txt

clean:
	rm -rf .venv out build *.egg-info
