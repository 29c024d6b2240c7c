# `make` lists what one can do. Everything works on a fresh machine with Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
AIRFLOW_READY := .venv-airflow/.ready
SPARK_READY := .venv-spark/.ready

.DEFAULT_GOAL := help
.PHONY: help setup airflow spark demo test lint format types bench accuracy docs lock audit clean

help: ## list what one can do
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## make the virtual environment, locked versions with hashes

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(READY)

airflow: $(AIRFLOW_READY) ## Airflow in an environment of its own, for the tests of the DAG

$(AIRFLOW_READY): .ci/airflow.txt
	rm -rf .venv-airflow
	$(PYTHON) -m venv .venv-airflow
	.venv-airflow/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .ci/airflow.txt
	touch $(AIRFLOW_READY)

spark: $(SPARK_READY) ## Spark (it wants Java 17), Delta and SQLite in an environment of its own, for the tests of the lake

$(SPARK_READY): pyproject.toml .ci/spark.txt
	rm -rf .venv-spark
	$(PYTHON) -m venv .venv-spark
	.venv-spark/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .ci/spark.txt
	.venv-spark/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(SPARK_READY)

demo: $(READY) ## a simulated company through the whole way, no account needed
	$(BIN)/hiring-elt demo

test: $(READY) ## the quick tests
	$(BIN)/python -m pytest -m "not slow and not server" -n 2

lint: $(READY) ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(READY) ## ruff, changing files
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(READY) ## mypy, strict
	$(BIN)/mypy

bench: $(READY) ## time, memory, requests as ratios of one run; PARTS="lists rate models growth", SIZES="20000 100000"
	$(BIN)/python -m tests.bench $(PARTS) $(if $(SIZES),--sizes $(SIZES))

accuracy: $(READY) ## what reading hourly, daily or weekly misses, over simulated years
	PYTHONPATH=.:tests $(BIN)/python -m oracle.accuracy

docs: $(READY) ## the static page of the models
	$(BIN)/hiring-elt docs

lock: $(READY) ## make constraints.txt anew
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-strip-extras \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		--extra sandbox --extra postgres --extra dev pyproject.toml -o constraints.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links .ci/airflow.in -o .ci/airflow.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-strip-extras \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links --constraint constraints.txt \
		--extra sandbox --extra spark --extra delta pyproject.toml .ci/spark.in -o .ci/spark.txt

audit: $(READY) ## ask the package index for known weaknesses of the locked versions
	$(BIN)/python -m pip_audit --progress-spinner off --disable-pip --require-hashes -r constraints.txt

clean: ## remove what the other targets made
	rm -rf .venv .venv-airflow .venv-spark build dist demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
