# Each target sets up what it needs; this is only slow the first time.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes --only-binary=:all:

.PHONY: run demo install test test-foreign check bench fuzz fuzz-guided image image-check screenshots lock clean
.DEFAULT_GOAL := run

# The server of --postgres comes with what the tests need.
run: .venv/.runtime $(if $(findstring --postgres,$(ARGS)),.venv/.dev)
	$(BIN)/easel run $(ARGS)

demo: .venv/.runtime
	$(BIN)/easel demo $(ARGS)

# What an operator's machine needs: .venv with the `easel` command.
install: .venv/.runtime

# Six workers keep two cores busy, since tests also wait for processes, sockets and leases. If the environment disables bytecode files, each would compile every module again.
# In a new clone, a collection compiles them once for all workers, and keeps the constants that Hypothesis reads.
test: .venv/.dev .venv/.browser
	@test -d .hypothesis || PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --collect-only -qq $(ARGS) >/dev/null || true
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 6 --dist loadgroup $(ARGS)

check: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/hadolint --failure-threshold warning Dockerfile

# Damages generated media files and hands them to the bot's media tools; ARGS="--seconds 600 --seed 7 --keep out/fuzz".
fuzz: .venv/.dev
	$(BIN)/python -m tests.fuzz $(ARGS)

# The same, guided by coverage and in one process. Not part of `dev`: atheris has wheels for few platforms.
fuzz-guided: .venv/.dev
	$(BIN)/python -m pip install --quiet --only-binary=:all: "atheris>=2.3,<4"
	mkdir -p out/fuzz
	$(BIN)/python -m tests.fuzz.guided out/fuzz -max_total_time=600 -rss_limit_mb=3000 $(ARGS)

# Five other Discord clients against the sandbox. Needs Node.js; not part of CI. ARGS="hikari disnake".
test-foreign: .venv/.dev
	$(BIN)/python -m tests.foreign $(ARGS)

bench: .venv/.dev
	$(BIN)/python -m bench $(ARGS)

screenshots: .venv/.dev .venv/.browser
	rm -rf out/screenshots
	$(BIN)/python -m pytest tests/browser/test_evening.py tests/browser/test_moderators_evening.py tests/browser/test_pages.py tests/browser/test_community.py --screenshots out/screenshots $(ARGS)
	@ls out/screenshots/*.png # fails if the tests were skipped for lack of a browser, to keep the old pictures
	find docs/images -name '*.png' ! -name '*-before.png' ! -name dashboard.png -delete # drawn elsewhere, or of earlier versions
	cp out/screenshots/*.png docs/images/

# The image of the Dockerfile, and its size.
image:
	@docker info >/dev/null 2>&1 || { echo "Docker's daemon does not run here. Without it: sudo make image-check" >&2; exit 1; }
	docker build --tag easel $(ARGS) .
	docker image inspect easel --format '{{.Size}} bytes on disk'
	@printf 'compressed: '; docker save easel | gzip -6 | wc -c

# The same without Docker: the Dockerfile's steps on this machine's own system, mounted read-only. Linux, as root.
image-check:
	$(PYTHON) ops/image_check.py $(ARGS)

.venv/bin/pip:
	@sh requirements/venv.sh $(PYTHON) .venv

# The editable install provides the `easel` command; its build tool is in the lock file too.
.venv/.runtime: requirements/runtime.txt pyproject.toml | .venv/bin/pip
	$(PIP) -r requirements/runtime.txt
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: requirements/dev.txt | .venv/.runtime
	$(PIP) -r requirements/dev.txt
	@touch $@

# Chromium for the browser tests: the installed one, or else Debian's. Without either they are skipped with a message.
.venv/.browser: | .venv/.dev
	@sh requirements/chromium.sh
	@touch $@

# Resolves pyproject.toml again (needs uv). The lock files contain names, versions and hashes only.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		pyproject.toml requirements/build.in -o requirements/runtime.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--extra dev --constraint requirements/runtime.txt pyproject.toml requirements/build.in -o requirements/dev.txt

clean:
	rm -rf .venv out build *.egg-info
