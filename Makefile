# Two commands matter: `make up` and `make test`. Each sets up everything that it needs.
PYTHON ?= python3
BIN := .venv/bin
PLINTH := $(BIN)/plinth
# Runs before anything is installed, so straight from its folder.
SETUP := PYTHONPATH=packages/plinth-sandbox/src $(PYTHON) -m plinth_sandbox.setup

# Python environment that stands for the images of builds and jobs.
TRAINING := templates/build/algorithms/training/train
ENVIRONMENT := --requirements templates/build/requirements.txt --find-links build/packages --program $(TRAINING)/train --program $(TRAINING)/serve
# Build repository of the use case of the example. `plinth sandbox reset` deletes it too.
SANDBOX = $(or $(PLINTH_SANDBOX_DIR),.sandbox)
CLONE = $(SANDBOX)/clones/fraud--scoring-build
REQUEST = $(SANDBOX)/clones/fraud--scoring-deployment/tests/data/request.json
# Signs in to the tooling account as a person, whose name follows.
SIGN_IN = eval "$$($(PLINTH) sandbox env --account acme-tooling --session
ROLE_OF_CALLER = $(BIN)/python -c 'import json, sys; print(json.load(sys.stdin)["role_arns"]["release-production"])'

LOCK := $(CURDIR)/$(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.11 --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock"

PYTEST := $(BIN)/pytest --numprocesses 3 --no-loadscope-reorder

# Empty is off: what Python compiles is kept, whatever the shell says. Compiling takes longer than running.
export PYTHONDONTWRITEBYTECODE :=
# `make test` remembers that every test passed, so that no option of the shell may select some.
export PYTEST_ADDOPTS :=

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev kubernetes up up-kubernetes down test tests test-again test-changed test-all check lint types access durations requirements bench faults kills docs pictures lock library reference

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

setup: ## Install the locked dependencies and find or build the Pulumi engine
	@$(SETUP)

setup-dev:
	@$(SETUP) --dev

kubernetes: setup-dev ## Build the Kubernetes control plane and node of the sandbox, once per machine
	@$(BIN)/python -m plinth_sandbox.kubernetes.provision
	@$(BIN)/python -m plinth_sandbox.kubernetes.node.programs

up: setup ## Bring up the example organization with a model in production on this machine, without AWS
	@$(PLINTH) sandbox up --user ana --user ben --user chloe --user hana --user grace --user heidi
	@$(PLINTH) packages build >/dev/null
	@$(PLINTH) sandbox image 'aws/codebuild/*' $(ENVIRONMENT)
	@$(PLINTH) sandbox image '*/fraud/*' $(ENVIRONMENT)
	@$(PLINTH) sandbox image '*/plinth:*' .venv --engine
	@eval "$$($(PLINTH) sandbox env)" && $(PLINTH) up --all --yes && \
		$(PLINTH) usecase create --team fraud --name scoring --data image=train:1 --directory $(CLONE) --wait --yes
	@eval "$$($(PLINTH) sandbox env)" && \
		if ! $(PLINTH) promotions fraud--scoring --json | grep -q '"environment": "production"'; then \
			$(SIGN_IN) grace)" && $(PLINTH) approve fraud--scoring --version newest --comment "The metrics are good" && \
			$(SIGN_IN) ben)" && $(PLINTH) approve fraud--scoring --wait --comment "The change is small" && \
			$(SIGN_IN) chloe)" && $(PLINTH) approve fraud--scoring --wait --comment "The tests passed" && \
			eval "$$($(PLINTH) sandbox env)" && $(PLINTH) promotions fraud--scoring --watch; fi
	@$(PLINTH) sandbox user heidi --group plinth-it-platform >/dev/null
	@echo "Portal: run 'eval \"\$$($(PLINTH) sandbox env)\" && $(PLINTH) portal', and sign in as grace with the password" \
		"$$($(PLINTH) sandbox user grace --group plinth-it-platform)"
	@eval "$$($(PLINTH) sandbox env)" && \
		export HTTPS_PROXY="$$AWS_ENDPOINT_URL" AWS_CA_BUNDLE=$(SANDBOX)/aws/authorities.pem && \
		$(PLINTH) predict fraud--scoring --data $(REQUEST) \
			--role "$$($(PLINTH) outputs fraud--scoring --json | $(ROLE_OF_CALLER))"

up-kubernetes: setup ## Bring up the example with a Kubernetes cluster in which stack operations run as Jobs
	@$(BIN)/python -m tests.support.cluster_example

down: setup ## Stop emulated AWS; its state and Pulumi's stay for the next `make up`
	@$(PLINTH) sandbox down

check: lint types ## Lint, formatting, import rules, types and the language of the documentation

lint: setup-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.support.docs.prose

types: setup-dev
	@$(BIN)/mypy

# Type checking uses one processor, so tests run meanwhile.
test: lint ## Run the tests of each change, unless they have passed on exactly these files
	@$(MAKE) --no-print-directory --jobs=2 types tests

tests: setup-dev
	@$(BIN)/python -m tests.support.stamp check || { \
		$(PYTEST) -m "not nightly" && $(BIN)/python -m tests.support.stamp write; }

test-again: ## Run the tests of each change, whatever has passed before
	@rm -f build/tests-passed
	@$(MAKE) test

test-changed: setup-dev ## Run the tests nearest to what differs from main, or from the commit BASE, in about a minute
	@$(BIN)/python -m tests.support.selection $(if $(BASE),--base $(BASE))

test-all: ## Run all tests, as each night: also the long ones and those of a Kubernetes cluster
	@$(MAKE) --no-print-directory --jobs=2 check kubernetes
	@$(PYTEST) -p randomly
	@$(BIN)/python -m tests.support.requirements --summary

access: setup-dev ## Try who may do what, under the policies that the stacks provision
	@$(BIN)/python -m tests.access

durations: setup-dev ## Print the processor time of the last test run by folder, and its most expensive tests
	@$(BIN)/python -m tests.support.durations

requirements: setup-dev ## Run the tests that show a requirement and print the ledger
	@$(PYTEST) --quiet -m requirement; status=$$?; \
		$(BIN)/python -m tests.support.requirements && exit $$status

bench: setup-dev ## Measure, each figure as a ratio against a floor of the same run
	@$(BIN)/python -m benchmarks

faults: setup-dev ## Plant faults, one at a time in a copy of the repository, and list those that no test notices
	@$(BIN)/python -m benchmarks.faults

kills: setup-dev ## Kill a deployment at 100 random points and compare AWS with the state
	@$(BIN)/python -m benchmarks.kills

reference: setup-dev ## Write the generated pages: schemas, settings, faults, policies, properties, document sizes, quotas, access, layout, requirements, threats, help
	@$(BIN)/python -m settings.files.schema
	@$(BIN)/python -m tests.support.docs.known_types
	@$(BIN)/python -m policies.reference_page
	@$(BIN)/python -m tests.policies.read_properties
	@$(BIN)/python -m components.identity.personas.guide_page
	@$(BIN)/python -m selfservice.cli.reference_pages
	@$(BIN)/python -m tests.access.document
	@$(BIN)/python -m tests.support.docs.tree
	@$(BIN)/python -m tests.support.docs.document_sizes --write
	@$(BIN)/python -m tests.support.docs.stack_resources --write
	@$(BIN)/python -m selfservice.quotas.reference_page
	@$(BIN)/python -m tests.support.docs.ledger_status
	@$(BIN)/python -m tests.support.docs.threat_table

pictures: setup-dev ## Take the pictures of the portal that its guide shows
	@mkdir -p docs/images/portal
	@PLINTH_PICTURES=docs/images/portal $(BIN)/pytest --quiet tests/engine/portal tests/engine/test_shared_sign_in.py

MERMAID := mermaid@11.17.2
docs: setup-dev ## Write the documentation site to build/site
	@mkdir -p build/mermaid
	@test -f build/mermaid/mermaid.min.js || (cd build/mermaid && npm pack --silent $(MERMAID) >/dev/null && tar xzf mermaid-*.tgz --strip-components=2 package/dist/mermaid.min.js)
	@$(BIN)/uv run --quiet --no-project --python $(BIN)/python --with-requirements requirements-docs.txt mkdocs build --strict --quiet

lock: setup-dev ## Resolve requirements*.in again and write the locks
	@$(LOCK) --output-file requirements.txt requirements.in
	@cd packages/plinth-sandbox && $(LOCK) --constraint ../../requirements.txt --output-file requirements.txt requirements.in
	@cd packages/plinth-sandbox && $(LOCK) --output-file requirements-uv.txt requirements-uv.in
	@$(LOCK) --output-file requirements-dev.txt requirements-dev.in
	@$(LOCK) --output-file requirements-docs.txt requirements-docs.in
	@$(LOCK) --output-file requirements-checkov.txt requirements-checkov.in
	@cd runtime/tracking && $(LOCK) --output-file requirements.txt requirements.in
	@$(BIN)/python -m selfservice.use_cases.library.lock

library: setup-dev ## Write version and hash of the library of the use cases into the locks of the templates
	@$(BIN)/python -m selfservice.use_cases.library.lock
