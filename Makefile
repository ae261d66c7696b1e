# Two commands: `make demo` shows everything in ./demo, `make test` runs the tests. Each sets itself up, in .venv.
# pip's own environment (PIP_INDEX_URL, PIP_FIND_LINKS, ...) is honoured.

# The newest that can make an environment; else the one that the help below speaks of.
PYTHON ?= $(shell for each in python3.13 python3.12 python3.11 python3; do \
	$$each -c 'import ensurepip, venv' 2>/dev/null && command -v $$each && exit; done; command -v python3)
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK ?= 1

.PHONY: demo run test check torture bench clean
.NOTPARALLEL:

demo: .venv/.base
	@$(BIN)/python examples/demo.py

run: .venv/.base
	@$(BIN)/python -m daemon

test: .venv/.all
	OMP_NUM_THREADS=1 $(BIN)/pytest $(ARGS)

check: .venv/.all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Kills daemons at random moments and at each system call, injects errors there, and proves what is too slow to be
# proved each time; takes hours.
# A part: make torture ARGS="-k KILL"
torture: .venv/.all
	OMP_NUM_THREADS=1 $(BIN)/pytest -n0 -m torture $(ARGS)

bench: .venv/.all
	$(BIN)/python -m bench.run $(ARGS)

# Everything that make made; never your inbox, outbox, .stockgen or my.
clean:
	rm -rf .venv demo build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- the environment: a stamp for each set of extras; an older one than pyproject.toml is installed again

# An environment that is missing or broken, or that was moved here from another folder, is made anew.
USABLE := $(shell $(BIN)/python -c 'import pip' 2>/dev/null && ! grep -qsvxF '$(CURDIR)' .venv/.base && echo yes)
ifneq ($(USABLE),yes)
.PHONY: venv
.venv/.base .venv/.all: venv
endif

venv:
	@"$(PYTHON)" -c '' 2>/dev/null || { $(call help,python3); }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { $(call help,python3.11); }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { $(call help,$(notdir $(PYTHON))); }
	@echo 'Setting up .venv, this once / .venv를 준비합니다. 처음 한 번만 합니다.'
	@"$(PYTHON)" -m venv --clear .venv

.venv/.base: pyproject.toml
	@$(BIN)/python -m pip install --quiet --editable .
	@echo '$(CURDIR)' > $@

.venv/.all: pyproject.toml
	@echo 'Installing all extras, torch among them: some minutes / torch 등을 설치합니다. 몇 분 걸립니다.'
	@$(BIN)/python -m pip install --quiet --editable '.[all]'
	@echo '$(CURDIR)' > .venv/.base
	@echo '$(CURDIR)' > $@

# The first line that is printed is the command that helps.
help = echo 'sudo apt install $(1) $(1)-venv make'; \
	echo 'stockgen needs Python 3.11 or newer with venv. / venv가 있는 Python 3.11 이상이 필요합니다.'; exit 1
