# One word a task. `make demo` and `make test` need python3 (3.10 or newer) with venv, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Commands that a recipe starts (nbgrader's alembic, the kernels) must be this environment's.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYDEVD_DISABLE_FILE_VALIDATION := 1

.PHONY: help isolation demo lab classroom release catalogues tidy test test-fast test-classroom test-images fuzz lint bench bundle pictures goldens lock clean

help:
	@echo "make demo      release, hand in, grade, feedback: the whole course with a made-up class"
	@echo "make lab       JupyterLab on release/, as a student sees it"
	@echo "make classroom a JupyterHub with an instructor, students and all units, on this host"
	@echo "make test      all tests (make test-fast: those without kernels;"
	@echo "               make test-classroom: those with a Hub alone)"
	@echo "make test-images  build and run the container images; not part of make test"
	@echo "make fuzz      100,000 inputs each for the wire format and for restore"
	@echo "make release   rebuild release/ from source/ (make tidy: source/ in its stored form)"
	@echo "               make release COURSE_LANG=zh: the Chinese edition, in release-zh/"
	@echo "make catalogues  collect what there is to translate, and compile the translations"
	@echo "make bundle    a zip for a student without a hub"
	@echo "make bench     measurements, printed and in build/bench.json"
	@echo "make pictures  every figure as PNG, light and dark, in build/pictures/"
	@echo "make goldens   new golden pictures of the widgets, in tests/lab/goldens/: look at them"
	@echo "make lint      ruff"

# The environment is made once, and again when the lock file or a pyproject.toml changes.
$(VENV)/.installed: requirements.lock pyproject.toml grader/pyproject.toml
	$(PYTHON) -c 'import sys, venv; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or newer is needed")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . -e ./grader
	@touch $@

# Student code is graded behind bubblewrap; root may fetch it, others are told how.
isolation:
	@command -v bwrap >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends bubblewrap >/dev/null; \
	  else \
	    echo "bubblewrap is missing: ask root for 'apt-get install bubblewrap' (or your system's like)" >&2; exit 1; \
	  fi; }

demo: $(VENV)/.installed isolation
	$(BIN)/grader demo

lab: $(VENV)/.installed
	$(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) release$(if $(filter zh,$(COURSE_LANG)),-zh)

# Students (3), the port (8000) and more: make classroom OPTIONS="--students 30 --port 8080"
classroom: $(VENV)/.installed isolation
	$(BIN)/grader classroom $(if $(COURSE_LANG),--lang $(COURSE_LANG)) $(OPTIONS)

release: $(VENV)/.installed
	$(BIN)/grader release --to release$(if $(filter zh,$(COURSE_LANG)),-zh) --lang $(or $(COURSE_LANG),en)

catalogues: $(VENV)/.installed
	$(BIN)/python -m grader.catalogues

tidy: $(VENV)/.installed
	$(BIN)/grader tidy

lint: $(VENV)/.installed
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --check .
	$(BIN)/grader tidy --check

test-fast: $(VENV)/.installed isolation
	$(BIN)/pytest -n auto -m "not slow"

# 100,000 damaged frames and 100,000 mangled notebooks; the tests try fewer
fuzz: $(VENV)/.installed
	FUZZ_EXAMPLES=100000 $(BIN)/pytest -n 2 tests/test_wire.py tests/test_restore.py -k "damaged or random_edits"

test: $(VENV)/.installed isolation lint
	$(BIN)/pytest -n auto -m "not classroom and not images"
	$(MAKE) test-classroom

# Three classrooms at a time: each has a Hub, servers and a browser of its own, and waits a lot.
test-classroom: $(VENV)/.installed isolation
	$(BIN)/pytest -n 3 --dist loadfile -m classroom tests/classroom

# By themselves: they need root, fetch a Docker engine and start it. Run them after a change of
# deploy/docker, requirements.lock or a pyproject.toml.
test-images: $(VENV)/.installed isolation
	$(BIN)/pytest -m images tests/test_images.py

bench: $(VENV)/.installed isolation
	$(BIN)/python tests/benchmarks/run.py

bundle: $(VENV)/.installed
	$(BIN)/grader bundle --lang $(or $(COURSE_LANG),en)

pictures: $(VENV)/.installed
	$(BIN)/python tests/render_pictures.py

# What the widgets look like in JupyterLab, to compare with from now on; ONLY=gear_train for one
goldens: $(VENV)/.installed
	RENEW_GOLDENS=1 $(BIN)/pytest -n auto tests/lab $(if $(ONLY),-k $(ONLY))
	@git status --short tests/lab/goldens

# Every version that an instructor's environment gets; students are free within the ranges.
lock:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --no-annotate --no-header \
		--extra test --extra classroom --extra dask --extra docker pyproject.toml grader/pyproject.toml --no-emit-package backprop-course \
		--output-file requirements.lock

clean:
	rm -rf build release-zh
