"""Which tests read files that no test imports: settings, templates, pages, and programs that other processes run."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

DOCUMENTATION = ("tests/unit/test_documentation.py", "tests/unit/test_guides.py", "tests/unit/test_prose.py")
PINS = ("tests/unit/test_pins.py", "tests/unit/test_distributions.py")
SETTINGS_FILES = ("tests/unit/settings/files/test_loader.py", "tests/unit/test_documentation.py")
DATASET_PROGRAMS = ("tests/unit/test_card_payments.py", "tests/unit/components/data_lake", "tests/unit/stacks/etl")
SANDBOX = "packages/plinth-sandbox/tests"

_SANDBOX = "packages/plinth-sandbox/src/plinth_sandbox"
IMPORTED_BY_NAME: tuple[tuple[str, str], ...] = (
    ("stacks/*/stack.py", "stacks/stack_modules.py"),
    ("policies/security/rules/*", "policies/rule_list.py"),
    ("policies/kubernetes/rules/*", "policies/rule_list.py"),
    ("selfservice/cli/commands/*", "selfservice/cli/command.py"),
    ("selfservice/engine/automation.py", "selfservice/forks/prepared.py"),
    ("selfservice/runner/worker.py", "selfservice/forks/prepared.py"),
    (f"{_SANDBOX}/provider/catalog/*", f"{_SANDBOX}/provider/entry.py"),
    (f"{_SANDBOX}/provider/host.py", f"{_SANDBOX}/testing.py"),
    (f"{_SANDBOX}/emulator/services/*", f"{_SANDBOX}/emulator/services/table.py"),
    (
        f"{_SANDBOX}/emulator/preconditions/references/*",
        f"{_SANDBOX}/emulator/preconditions/references/check.py",
    ),
    (f"{_SANDBOX}/emulator/__main__.py", f"{_SANDBOX}/testing.py"),
    (f"{_SANDBOX}/emulator/forks/*", f"{_SANDBOX}/testing.py"),
    (f"{_SANDBOX}/executors/*", f"{_SANDBOX}/emulator/executors/layer.py"),
    (f"{_SANDBOX}/kubernetes/*", f"{_SANDBOX}/emulator/executors/layer.py"),
)
"""Patterns of modules, and the module that imports them by their name or runs them in a process of their own."""

TESTS_BY_FILE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("*.md", DOCUMENTATION),
    ("docs/*", DOCUMENTATION),
    ("Pulumi.yaml", SETTINGS_FILES),
    ("environments/*", SETTINGS_FILES),
    ("etl/*", DATASET_PROGRAMS),
    ("tests/engine/example/declared/*", SETTINGS_FILES),
    ("templates/*", ("tests/templates", "packages/plinth-project/tests", "tests/unit/selfservice/use_cases")),
    ("tests/templates/rendered/*", ("tests/templates/test_deployment.py", "tests/templates/test_pipeline_runs.py")),
    ("tests/access/matrix.yaml", ("tests/access/test_matrix.py",)),
    ("tests/conftest.py", ("tests/unit/test_process_environment.py", "tests/unit/test_nightly.py")),
    ("conftest.py", ("tests/unit/test_process_environment.py",)),
    ("__main__.py", ("tests/unit/selfservice/forks", "tests/unit/selfservice/fingerprints")),
    ("benchmarks/faults.yaml", ("tests/unit/test_benchmarks.py", "tests/unit/test_nightly.py")),
    (f"{SANDBOX}/*.py", (f"{SANDBOX}/provider", f"{SANDBOX}/conformance")),
    ("packages/iam-evaluator/tests/*.py", ("packages/iam-evaluator/tests",)),
    ("packages/plinth-project/src/*", ("packages/plinth-project/tests", "tests/templates")),
    ("packages/plinth-project/tests/*.py", ("packages/plinth-project/tests",)),
    (
        "packages/plinth-sandbox/src/plinth_sandbox/executors/glue/modules/*",
        (f"{SANDBOX}/executors/test_glue_jobs.py",),
    ),
    ("packages/plinth-sandbox/src/plinth_sandbox/engine/module/*", (f"{SANDBOX}/engine",)),
    ("packages/plinth-sandbox/src/plinth_sandbox/kubernetes/module/*", (f"{SANDBOX}/clusters/test_node_programs.py",)),
    ("components/serving/*", ("tests/templates/test_deployment_program.py",)),
    ("components/batch/*", ("tests/templates/test_deployment_program.py",)),
    ("policies/security/__main__.py", ("tests/policies/test_pack.py",)),
    ("runtime/tracking/*", ("tests/unit/runtime/test_tracking.py", "tests/unit/runtime/test_tracking_server.py")),
    ("selfservice/clusters/pod.py", ("tests/unit/selfservice/clusters",)),
    ("benchmarks/*", ("tests/unit/test_benchmarks.py",)),
    (f"{_SANDBOX}/__main__.py", (f"{SANDBOX}/lifecycle",)),
    (f"{_SANDBOX}/git_credential.py", (f"{SANDBOX}/executors/test_codecommit.py",)),
    (f"{_SANDBOX}/provider_push.py", (f"{SANDBOX}/executors/test_source_providers.py",)),
    (f"{_SANDBOX}/kubernetes_provider/*", (f"{SANDBOX}/clusters/test_provider_parts.py",)),
    (f"{_SANDBOX}/setup/*", (f"{SANDBOX}/setup",)),
    ("Makefile", ("tests/unit/test_documentation.py", "tests/unit/test_stamp.py", *PINS)),
    ("dockerfile", ("tests/engine/test_platform_image.py",)),
    (".dockerignore", ("tests/engine/test_platform_image.py",)),
    ("mkdocs.yml", ("tests/unit/test_site.py",)),
    ("*pyproject.toml", PINS),
    ("*requirements*.txt", PINS),
    ("*requirements*.in", PINS),
    ("*setup.cfg", PINS),
    (".github/*", PINS),
    (".ci/*", PINS),
    ("LICENSE", ()),
    (".gitignore", ()),
)
"""Patterns of paths in the repository, and the tests that read these files; none if no behaviour depends on them."""


def declared_tests(path: str) -> tuple[str, ...] | None:
    """Returns the paths of the tests that read a file, or None if no pattern matches."""
    found = [tests for pattern, tests in TESTS_BY_FILE if fnmatchcase(path, pattern)]
    return tuple(dict.fromkeys(test for tests in found for test in tests)) if found else None


def modules_at(paths: Iterable[str], modules: Iterable[str]) -> list[str]:
    """Returns the test modules at paths, each of which is a module or a folder."""
    wanted = tuple(paths)
    return [module for module in modules if any(module == path or module.startswith(f"{path}/") for path in wanted)]
