# One command each, on a fresh machine with Python 3.11 or newer. Nothing outside .venv is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
DEMO_DB ?= demo.db
TESTS ?= short
ATTACKS ?= tests/attack tests/crash/test_outages.py tests/core/test_random_templates.py

.PHONY: demo test check reference contracts fuzz schema property simulate simulate-large lanes interleave stress crash attack attack-quick failover failover-quick failover-packages benchmark benchmark-quick lock clean

demo: $(VENV)/.runtime  ## the mission's example on virtual time, then its invariants
	@rm -f $(DEMO_DB) $(DEMO_DB)-wal $(DEMO_DB)-shm
	@$(BIN)/dripline demo --db $(DEMO_DB)
	@$(BIN)/dripline doctor --db $(DEMO_DB)

test: check  ## every check, then the tests that take minutes; every test with TESTS=all
	@$(BIN)/python -m pytest -n auto $(if $(filter all,$(TESTS)),,--short)

check: $(VENV)/.dev  ## format, lint, types, layers, declared dependencies
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/basedpyright --level error
	@$(BIN)/deptry src --no-ansi > $(VENV)/imports.txt 2>&1 || (cat $(VENV)/imports.txt; exit 1)
	@$(BIN)/lint-imports --no-logo > $(VENV)/layers.txt || (cat $(VENV)/layers.txt; exit 1)

reference: $(VENV)/.runtime  ## what type checkers read of the package, and docs/reference, from the list of public names
	@$(BIN)/python docs/reference/generate.py

contracts: $(VENV)/bin/python  ## what tests hold us against: Prism, a Telegram, makers of clients, axe-core; needs node 20 and npm
	@$(BIN)/python -m venv $(VENV)/clients
	@$(VENV)/clients/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/clients.txt
	@for folder in tests/contract/node tests/browser/node; do \
	  npm ci --prefix $$folder --ignore-scripts --no-audit --no-fund --silent || exit 1; done

property: $(VENV)/.dev  ## the property tests with ten times the examples, each longer
	@DRIPLINE_HYPOTHESIS=long $(BIN)/python -m pytest -n auto tests/property

simulate: $(VENV)/.dev  ## a thousand simulated worlds, each from its seed
	@DRIPLINE_SEEDS=1000 DRIPLINE_LEADS=210 $(BIN)/python -m pytest -n auto -p no:logging -rP tests/simulation

simulate-large: $(VENV)/.dev  ## dripline simulate: 100,000 leads × 4 steps × 30 senders over 36 virtual hours
	@$(BIN)/python -m benchmarks.simulation

fuzz: $(VENV)/.dev  ## 20,000 bodies of each kind posted to the webhooks, 20,000 calls of pages and forms
	@DRIPLINE_FUZZ=20000 $(BIN)/python -m pytest -n auto tests/web/test_fuzz.py tests/web/test_page_fuzz.py

schema: $(VENV)/.dev  ## half an hour of calls to the API, held against its own description
	@DRIPLINE_SCHEMA=1800 $(BIN)/python -m pytest -s tests/schema

lanes: $(VENV)/.dev  ## 3,000 senders with 300,000 due records, on simulated time
	@DRIPLINE_LANES=full $(BIN)/python -m pytest -s -p no:randomly tests/simulation/test_many_lanes.py

interleave: $(VENV)/.dev  ## half an hour of verbs at once on PostgreSQL, statement by statement
	@DRIPLINE_INTERLEAVE=1800 $(BIN)/python -m pytest -s -p no:randomly tests/interleave

stress: $(VENV)/.dev  ## ten minutes of everything at once on real clocks, on each database
	@DRIPLINE_STRESS=600 $(BIN)/python -m pytest -s -p no:randomly tests/stress

crash: $(VENV)/.dev  ## kill workers 250 times and PostgreSQL 10 times, and count from outside
	@DRIPLINE_CRASH=full $(BIN)/python -m pytest -s -p no:randomly tests/crash

attack: $(VENV)/.dev  ## strangers, floods, broken providers and databases that are away: an hour at most, on an idle machine
	@DRIPLINE_ATTACK=full $(BIN)/python -m pytest -s -p no:randomly tests/attack/test_siege.py
	@DRIPLINE_ATTACK=full DRIPLINE_ANSWERS=20000 DRIPLINE_TEMPLATES=100000 $(BIN)/python -m pytest -n 4 -rP \
	  $(ATTACKS) --deselect tests/attack/test_siege.py

attack-quick: $(VENV)/.dev  ## the same in five minutes
	@DRIPLINE_ATTACK=quick $(BIN)/python -m pytest -s -p no:randomly $(ATTACKS)

failover: $(VENV)/.dev  ## PostgreSQL under Patroni on three hosts made of one machine: ten failovers and more; as root on Debian
	@$(MAKE) --no-print-directory failover-packages || echo "Not everything could be installed: the tests say what is missing."
	@DRIPLINE_FAILOVER=full $(BIN)/python -m pytest -s -rs -p no:randomly tests/failover

failover-quick: $(VENV)/.dev  ## the same in four minutes, with what is installed
	@DRIPLINE_FAILOVER=quick $(BIN)/python -m pytest -s -rs -p no:randomly tests/failover

failover-packages:  ## what these need of the system; each test starts its own, and nothing of it is configured
	@(PATH=$$PATH:/usr/sbin:/sbin; for program in patroni etcd haproxy pgbouncer ip tc setpriv; do \
	  command -v $$program > /dev/null || exit 1; done) \
	  || (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
	  patroni python3-etcd etcd-server haproxy pgbouncer iproute2 util-linux > /dev/null)

benchmark: $(VENV)/.dev  ## every figure in docs/performance.md; needs 12 GB of free disk for temporary files
	@$(BIN)/python -m benchmarks

benchmark-quick: $(VENV)/.dev  ## ratios at small sizes, in a minute or two; fails when one has fallen too far
	@$(BIN)/python -m benchmarks --quick

lock: $(VENV)/bin/python  ## pin the newest versions that fit; names and hashes only
	@$(PIP) install uv
	@for part in build runtime dev peers clients; do \
	  $(BIN)/uv pip compile --universal --python-version 3.11 --no-annotate --no-header --no-emit-index-url \
	    --generate-hashes --quiet --upgrade requirements/$$part.in -o requirements/$$part.txt || exit 1; done
	@if command -v npm > /dev/null; then for folder in benchmarks/peers/node tests/contract/node tests/browser/node; do \
	  (cd $$folder && rm -f package-lock.json && npm install --package-lock-only --omit-lockfile-registry-resolved \
	  --no-audit --no-fund --silent) || exit 1; done; fi

clean:
	rm -rf $(VENV) $(DEMO_DB)*

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || (echo "dripline needs Python 3.11 or newer: run make again with PYTHON=python3.11"; exit 1)
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml | $(VENV)/bin/python
	@echo "Setting up $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@# As pip compiles what it copies: else each command would compile 180 files anew where Python may not write them.
	@$(BIN)/python -m compileall -q src
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@
