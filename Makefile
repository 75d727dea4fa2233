# addad: two commands do all a stranger needs: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
FOR ?= 0s
RUNS ?= 200
EXECUTIONS ?= 1000000

.PHONY: demo test check format accuracy bench kill kill-ciphered fuzz docs clean

# Installs are stamped, so that a second call costs nothing. The kernels are compiled here, once.
.venv/.all: pyproject.toml constraints.txt
	$(PYTHON) tools/make_venv.py .venv all
	touch $@

.venv/.dev: .venv/.all
	$(PYTHON) tools/make_venv.py .venv dev
	touch $@

demo: .venv/.all  ## a house, its meter, the head end and the page; FOR=30s ends by itself
	$(BIN)/addad demo --for $(FOR)

test: check  ## format, lint, types, import contracts, a minute of fuzzing, all tests
	sh tools/ensure_chromium.sh
	sh tools/ensure_ngspice.sh
	$(BIN)/python fuzz/run.py --seconds 60
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

check: .venv/.dev  ## all that needs no running: format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.dev  ## put the code into the house's form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

accuracy: .venv/.dev  ## errors against analytic truth, pqopen-lib beside them
	$(BIN)/python benchmarks/accuracy.py

bench: .venv/.dev  ## speed beside the peers, as ratios of one run
	$(BIN)/python benchmarks/run.py

kill: .venv/.dev  ## RUNS x kill -9 of a metering process at random moments
	$(BIN)/python tests/kill/run_kill.py --runs $(RUNS)

kill-ciphered: .venv/.dev  ## RUNS x kill -9 between steps of ciphered exchanges: no counter twice
	$(BIN)/python tests/kill/run_cipher_kill.py --runs $(RUNS)

fuzz: .venv/.dev  ## EXECUTIONS of every decoder, guided by coverage
	$(BIN)/python fuzz/run.py --runs $(EXECUTIONS)

docs: .venv/.dev  ## the API reference from the docstrings, into build/docs
	$(BIN)/python tools/write_api.py build/docs

clean:  ## remove what the targets above made
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache fuzz/findings .hypothesis .import_linter_cache
