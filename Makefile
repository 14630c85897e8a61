# make app    the lab in your browser       make test           every test
# make bench  the lab against other tools   make checkpoints    trains the runs that are shipped
# Each makes .venv first if it has to. The stamps in .venv say what is installed, so a second call starts at once.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

app: .venv/.app
	$(BIN)/streamlit run app.py

test: .venv/.dev chromium
	$(BIN)/python -m pytest

bench: .venv/.bench chromium
	$(BIN)/python -m benchmarks.train
	$(BIN)/python -m benchmarks.train --model dcgan
	$(BIN)/python -m benchmarks.shell
	$(BIN)/python -m benchmarks.refresh
	$(BIN)/python -m benchmarks.scrub
	$(BIN)/python -m benchmarks.game
	$(BIN)/python -m benchmarks.map
	$(BIN)/python -m benchmarks.umap_fit

# Trains and ships what checkpoints/recipes.toml asks for and is not there yet; MNIST must lie in GENLAB_DATA. Resumable.
checkpoints: .venv/.app
	$(BIN)/python -m genlab checkpoints
	$(BIN)/python -m genlab maps
	$(BIN)/python -m genlab compare-losses --seeds 3 --keep shipped
	$(BIN)/python -m genlab compare-losses $(addprefix faces-dcgan-,minimax non-saturating lsgan wgan-clip wgan-gp) --seeds 3 --keep shipped

.venv/.made:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(v < (3, 11) and f"Python 3.11 or later is needed, {v[0]}.{v[1]} was found; try make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .venv
	touch $@

.venv/.app: requirements.txt .venv/.made
	$(BIN)/python -m pip install -r requirements.txt
	touch $@

.venv/.dev: requirements-dev.txt .venv/.app
	$(BIN)/python -m pip install -r requirements-dev.txt
	touch $@

.venv/.bench: requirements-bench.txt .venv/.dev
	$(BIN)/python -m pip install -r requirements-bench.txt
	touch $@

# The browser tests drive a real one. Root on Debian gets it by itself; anybody else is told by the first browser test.
chromium:
	@if [ ! -x /usr/bin/chromium ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update && apt-get install -y --no-install-recommends chromium; fi

.PHONY: app test bench checkpoints chromium
