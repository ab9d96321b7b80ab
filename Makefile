# Every task of this repository, for GNU make 3.81 and later. `make` alone lists them.

PYTHON ?= python3
ARGS ?=
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
QUIET := $(if $(CI),--quiet)
INSTALLED := $(VENV)/.installed
INSTALLED_TEST := $(VENV)/.installed-for-tests
INSTALLED_BENCH := build/torchrl/.installed

# An environment knows the folder that it was made for: install again when that folder has been moved or copied.
$(shell [ "$$(cat $(INSTALLED) 2>/dev/null)" = "$(CURDIR)" ] || rm -f $(INSTALLED) $(INSTALLED_TEST))

.DEFAULT_GOAL := help
.PHONY: help lab test lessons bench doctor constraints clean
.DELETE_ON_ERROR:

help:
	@echo "make lab        open the course in JupyterLab (the first time it installs everything into $(VENV)/)"
	@echo "make test       style, unit tests, doctests, the lessons as stored, and the panels in a real browser"
	@echo "make lessons    rebuild and run the notebooks from lessons/source/ (some: make lessons ARGS=06)"
	@echo "make bench      measure speed and size, as ratios within one run"
	@echo "make doctor     say which packages are here and how to mend what is missing"
	@echo "make clean      remove $(VENV)/ and everything else that was generated, except the lessons"
	@echo
	@echo "Another Python:  make lab PYTHON=python3.12"
	@echo "Another port:    make lab ARGS=--port=9000"

lab: $(INSTALLED)
	@$(PY) -m marl_edu.cli lab $(ARGS)

test: $(INSTALLED_TEST)
	@$(PY) tools/run_tests.py

lessons: $(INSTALLED_TEST)
	@$(PY) -m marl_edu.cli build-lessons $(ARGS)

bench: $(INSTALLED_TEST) $(INSTALLED_BENCH)
	@$(PY) -m benchmarks $(ARGS)

doctor: $(INSTALLED)
	@$(PY) -m marl_edu.cli doctor

# The environment. A rule runs again when the interpreter has gone, or when what is to be installed has changed.
$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo; echo "This course needs Python 3.11 or newer, and '$(PYTHON)' is not that."; \
	  echo "Install one and name it, for example: make lab PYTHON=python3.12"; exit 1; }
	@echo "Making a Python environment in $(VENV)/ ..."
	@$(PYTHON) -m venv --clear $(VENV) || { \
	  rm -rf $(VENV); \
	  echo; echo "'$(PYTHON) -m venv' did not work. On Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }

$(INSTALLED): pyproject.toml constraints.txt | $(PY)
	@echo "Installing the course and what it needs: a few minutes the first time ..."
	@$(PIP) install $(QUIET) --constraint constraints.txt --editable .
	@$(PY) -m marl_edu.cli warm || echo "Not compiled in advance; the first panel will take some seconds to start."
	@echo "$(CURDIR)" > $@

$(INSTALLED_TEST): pyproject.toml constraints.txt | $(PY)
	@echo "Installing the course, what it needs, and the tools for its tests ..."
	@$(PIP) install $(QUIET) --constraint constraints.txt --editable '.[test]'
	@$(PY) -m marl_edu.cli warm || echo "Not compiled in advance; the first panel will take some seconds to start."
	@echo "$(CURDIR)" | tee $(INSTALLED) > $@

# The library that benchmarks compare with lies apart, as it brings a package (orjson) that Jupyter would take up. They
# do without it where it cannot be had; the next `make bench` tries again.
$(INSTALLED_BENCH): benchmarks/requirements.txt constraints.txt $(INSTALLED_TEST)
	@echo "Installing what the benchmarks compare with into $(@D)/ ..."
	@rm -rf $(@D)
	@if $(PIP) install $(QUIET) --prefix $(@D) --constraint constraints.txt --requirement benchmarks/requirements.txt; \
	then touch $@; else echo "Not installed; the benchmarks will say what they leave out."; fi

# For maintainers: try the newest versions that pyproject.toml allows and write down what was installed.
# Run it with the oldest Python that the course supports, so that the versions suit that one too.
constraints:
	$(PYTHON) -m venv --clear build/constraints
	build/constraints/bin/python -m pip install --quiet '.[test]' --requirement benchmarks/requirements.txt
	grep '^#' constraints.txt > build/constraints.txt
	build/constraints/bin/python -m pip freeze | grep -v -i '^marl' | sed 's/+cpu$$//' >> build/constraints.txt
	mv build/constraints.txt constraints.txt

clean:
	rm -rf $(VENV) build dist marl_edu.egg-info .pytest_cache .hypothesis .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find . -name .ipynb_checkpoints -type d -prune -exec rm -rf {} +
