# Everything a developer or CI runs. `make run` and `make test` need Python 3.11, pip and make, and nothing else.

VENV := .venv
IN_VENV := $(VENV)/bin/python
INSTALLED := $(VENV)/installed
RUN_DATA := $(or $(DATA_DIR),var)
TEST_DATA := $(RUN_DATA)/test
BENCH_DATA := $(RUN_DATA)/bench
DEMO_DATA := $(RUN_DATA)/demo
# What follows these finds PostgreSQL behind DATABASE_URL: the server that is set, else an embedded one of its own.
POSTGRES := $(if $(DATABASE_URL),,$(IN_VENV) -m letterboxd_site.local_postgres exec --)
FOR_TESTS := env DATA_DIR=$(TEST_DATA) $(POSTGRES)
FOR_BENCH := env DATA_DIR=$(BENCH_DATA) $(POSTGRES)
# `check --deploy` is about production, so it gets what production sets.
AS_IN_PRODUCTION = env DEBUG=false HTTPS=true ALLOWED_HOSTS=stats.example PUBLIC_URL=https://stats.example \
	SECRET_KEY=$$($(IN_VENV) -c 'import secrets; print(secrets.token_urlsafe(50))')

.DEFAULT_GOAL := help
.PHONY: help run demo test lint types check bench pictures clean chromium

help:  ## list what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile

run: $(INSTALLED)  ## run the service at http://127.0.0.1:8000 until Ctrl-C (PORT=, DATA_DIR=)
	@exec $(IN_VENV) -m letterboxd_site.local_run

demo: $(INSTALLED)  ## the same with a TMDB of its own and a member to look at, at /sample; no token, no internet
	@exec $(IN_VENV) -m letterboxd_site.local_run --demo

test: $(INSTALLED) chromium  ## run the tests (ARGS="-k upload" goes to pytest)
	@exec $(FOR_TESTS) $(IN_VENV) -m pytest $(ARGS)

lint: $(INSTALLED)  ## look for mistakes and check the format
	@$(IN_VENV) -m ruff check .
	@$(IN_VENV) -m ruff format --check .

types: $(INSTALLED)  ## check the types
	@DATA_DIR=$(TEST_DATA) $(IN_VENV) -m mypy .

check: $(INSTALLED)  ## check that no migration is missing and that production settings are safe
	@$(FOR_TESTS) $(IN_VENV) manage.py makemigrations --check --dry-run
	@$(AS_IN_PRODUCTION) $(FOR_TESTS) $(IN_VENV) manage.py check --deploy --fail-level WARNING

bench: $(INSTALLED)  ## measure (ARGS= goes to the benchmarks)
	@$(IN_VENV) -m pip install -qq --disable-pip-version-check --no-input --requirement benchmarks/requirements.txt
	@exec $(FOR_BENCH) $(IN_VENV) -m benchmarks.upload $(ARGS)

pictures: $(INSTALLED) chromium  ## take the README's pictures of a running site (ADDRESS=)
	@$(IN_VENV) docs/make_pictures.py $(ADDRESS)

clean:  ## delete what make made, except the data of `make run`
	@for data in $(TEST_DATA) $(BENCH_DATA) $(DEMO_DATA); do \
		[ ! -d $$data ] || { DATA_DIR=$$data $(or $(wildcard $(IN_VENV)),python3) -m letterboxd_site.local_postgres remove \
			&& rm -rf $$data; } || exit 1; \
	done
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +

# ── Set-up: silent when there is nothing to do ───────────────────────────────────────────────────────────────────────

# A copied folder or an upgraded Python breaks a virtual environment: then it is made again.
ifneq ($(wildcard $(INSTALLED)),)
ifneq ($(shell $(IN_VENV) -c 'import django, pip' 2>&1 || echo broken),)
.PHONY: $(INSTALLED)
endif
endif

$(INSTALLED): requirements.txt requirements-dev.txt
	@for python in $(or $(PYTHON),python3.11 python3 python3.12 python3.13); do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Python 3.11 or later is needed; here is $$($(or $(PYTHON),python3) --version 2>&1)."; \
		echo "Install it, or say where it is: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; \
		exit 1; \
	fi; \
	if ! $(IN_VENV) -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		echo "Making $(VENV) with $$($$python --version)"; \
		rm -rf $(VENV); \
		$$python -m venv $(VENV) >/dev/null 2>&1 || { \
			: "Debian without python3-venv: the venv module lacks ensurepip, and pip can fill the gap"; \
			$$python -m venv --clear --without-pip $(VENV) && \
			$$python -m pip --python $(IN_VENV) install -qq --disable-pip-version-check pip; \
		} || { echo "pip is needed: apt install python3-pip python3-venv"; exit 1; }; \
	fi
	@echo "Installing packages (the first time takes a minute or two)"
	@$(IN_VENV) -m pip install -qq --disable-pip-version-check --no-input --requirement requirements-dev.txt
	@touch $@

chromium:
	@[ -x /usr/bin/chromium ] && exit 0; \
	mkdir -p $(TEST_DATA); \
	if [ "$$(id -u)" = 0 ]; then as_root=; else as_root="sudo -n"; fi; \
	if command -v apt-get >/dev/null && $$as_root true 2>/dev/null; then \
		echo "Installing Debian's chromium for the browser tests"; \
		{ $$as_root apt-get update && $$as_root env DEBIAN_FRONTEND=noninteractive \
			apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=300 chromium; \
		} >$(TEST_DATA)/chromium.log 2>&1 || tail -n 5 $(TEST_DATA)/chromium.log; \
	fi; \
	[ -x /usr/bin/chromium ] || { \
		echo "!!"; \
		echo "!!  There is no /usr/bin/chromium, and it cannot be installed from here:"; \
		echo "!!  THE BROWSER TESTS ARE SKIPPED (with CI=true they fail). As root: apt-get install chromium"; \
		echo "!!"; \
	}
