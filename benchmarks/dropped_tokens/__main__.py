"""Drops one text of a rule or guardrail at a time and lists those that no test notices:
``python -m benchmarks.dropped_tokens``.

A token is a text in a list, set, tuple or mapping of the code: an action, a condition key, a resource type. Without it
a rule is often laxer. The token is dropped in a fork of this process, which loads the changed module and all that
import it again, and runs the cases. Where no case fails, the family's other tests run in a copy of the repository.
"""

from __future__ import annotations

import argparse
import ast
import gc
import importlib
import inspect
import multiprocessing
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.dropped_tokens.tokens import FAMILIES, Token, controls_of, tokens_of
from benchmarks.faults import REPOSITORY, exit_status, not_copied
from tests.support.selection.graph import import_graph

_OF_RULES = tuple(
    f"tests/policies/test_{name}.py"
    for name in ("conditions", "stack_context", "bypasses", "pack", "pods", "rehearsal", "rule_list")
)
FURTHER: Mapping[str, tuple[str, ...]] = {"guardrails": ("tests/unit/components/guardrails",)}
"""Tests besides cases, by family; ``_OF_RULES`` for rules."""
_GUARDRAILS = "tests.unit.components.guardrails"


@cache
def _importers() -> Any:
    return import_graph(REPOSITORY)


def load_without(token: Token) -> set[str]:
    """Loads the token's module without it, and forgets all modules that import it. Returns their names."""
    files = _importers().distances(token.file)
    names = {file.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for file in files}
    for name in names & sys.modules.keys():
        package, _, last = name.rpartition(".")
        if package in sys.modules and hasattr(sys.modules[package], last):
            delattr(sys.modules[package], last)
        del sys.modules[name]
    module = ModuleType(token.module)
    module.__file__ = str(REPOSITORY / token.file)
    sys.modules[token.module] = module
    package, _, last = token.module.rpartition(".")
    exec(compile(token.dropped(), module.__file__, "exec"), module.__dict__)
    setattr(importlib.import_module(package), last, module)
    return names


class Cases:
    """The cases of rules and guardrails, and what has been prepared of them before a fork."""

    def __init__(self) -> None:
        self._of_case: dict[int, tuple[Any, list[Any]]] = {}
        """A case, and its resources with the expected results, by the identity of the case."""
        self._tokens: list[Any] = []
        self._changed: set[str] = set()
        if self.fail({module.__name__ for module in _load("policies.rule_list").MODULES}) or self.fail_of_guardrails():
            sys.exit("a case fails without a fault; mend it first")

    def notice(self, token: Token) -> bool:
        """Whether a case fails or raises without the token. Changes the modules of this process."""
        try:
            self._changed = load_without(token)
            return self.fail_of_guardrails() if token.family == "guardrails" else self.fail(self._changed)
        except Exception:
            return True

    def fail(self, modules: set[str]) -> bool:
        """Whether a case of a rule in one of the modules fails."""
        listed = [module for module in _load("policies.rule_list").MODULES if module.__name__ in modules]
        rules = {rule.id: rule for module in listed for rule in module.RULES}
        dispatcher = _load("policies.evaluation.dispatch").Dispatcher
        checks = {id_: dispatcher([rule]) for id_, rule in rules.items()}
        cases, checking = _load("tests.policies.cases.all"), _load("tests.policies.checking")
        mutations = _load("tests.policies.test_mutations")

        def resources(case: Any) -> list[Any]:
            changes = mutations.expectations(case)
            return [(checking.resource_of(case.type, change.applied_to(case.compliant)), no) for change, no in changes]

        def stacks(case: Any) -> list[Any]:
            return [checking.members_of(case), checking.rehearsal_of(case)]

        single = [case for case in cases.CASES if case.rule in checks]
        for case in single:
            for resource, refused in self._prepared(case, resources):
                if bool(list(checks[case.rule].findings(resource))) is not refused:
                    return True
        for case in (stack_case for stack_case in cases.STACK_CASES if stack_case.rule in checks):
            members, rehearsal = self._prepared(case, stacks)
            if {found.resource.name for found in checks[case.rule].stack_findings(members, rehearsal)} != case.refused:
                return True
        nothing = _load("tests.policies.case").Situation(inputs={})
        banned = [
            (prohibition.type, rules[prohibition.rule])
            for prohibition in cases.PROHIBITIONS
            if prohibition.rule in rules
        ]
        if not all(checking.findings(type_, nothing, [rule]) for type_, rule in banned):
            return True
        if not self._tokens or "tests.policies.tokens.all" in self._changed:
            self._tokens = _load("tests.policies.tokens.all").token_cases()
        return any(not case.is_as_expected(rules[case.rule]) for case in self._tokens if case.rule in rules)

    def _prepared(self, case: Any, prepare: Callable[[Any], list[Any]]) -> list[Any]:
        if "tests.policies.checking" in self._changed:
            return prepare(case)
        if id(case) not in self._of_case:
            self._of_case[id(case)] = (case, prepare(case))
        return self._of_case[id(case)][1]

    def fail_of_guardrails(self) -> bool:
        """Whether a case of a guardrail fails, or a comparison with AWS's documentation raises."""
        cases = _load(f"{_GUARDRAILS}.cases.all").CASES
        is_denied = _load(f"{_GUARDRAILS}.cases.decisions").is_denied
        for name in ("test_declared", "test_sagemaker_keys"):
            _run_tests(_load(f"{_GUARDRAILS}.{name}"))
        return any(
            not all(is_denied(case.sid, asked) for asked in case.denied)
            or any(is_denied(case.sid, asked) for asked in case.passes)
            for case in cases
        )


@cache
def _cases() -> Cases:
    return Cases()


def notice(token: Token) -> bool:
    """Whether a case fails without the token. A worker process calls it once, with the cases from before its fork."""
    return _cases().notice(token)


def _load(module: str) -> Any:
    return importlib.import_module(module)


def _run_tests(module: ModuleType) -> None:
    """Runs the tests of a module that have no parameters."""
    for name, test in vars(module).items():
        if name.startswith("test_") and not inspect.signature(test).parameters:
            test()


def survives_tests(token: Token, copy: Path) -> bool:
    """Whether the family's other tests pass without the token."""
    file = copy / token.file
    file.write_text(ast.unparse(token.dropped()), encoding="utf-8")
    try:
        return exit_status(FURTHER.get(token.family, _OF_RULES), copy) == 0
    finally:
        shutil.copy2(REPOSITORY / token.file, file)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dropped_tokens", description=__doc__)
    parser.add_argument("--family", choices=FAMILIES, action="append", help="Default: all families.")
    parser.add_argument("--workers", type=int, default=2, help="Tokens at the same time. Default: 2.")
    parser.add_argument("--cases-only", action="store_true", help="Do not run other tests without a noticed token.")
    options = parser.parse_args()
    _importers()
    _cases()
    gc.freeze()
    left: list[Token] = []
    pool = multiprocessing.get_context("fork").Pool(options.workers, maxtasksperchild=1)
    with pool, tempfile.TemporaryDirectory(prefix="plinth-tokens-") as directory:
        copy = Path(directory) / "copy"
        if not options.cases_only:
            shutil.copytree(REPOSITORY, copy, ignore=not_copied)
        for family in options.family or FAMILIES:
            if any(pool.imap(notice, controls_of(family), chunksize=1)):
                sys.exit(f"{family}: a case fails if the code is loaded again without a fault")
            tokens = tokens_of(family)
            noticed = list(pool.imap(notice, tokens, chunksize=1))
            unseen = [token for token, found in zip(tokens, noticed, strict=True) if not found]
            survivors = [
                unseen_token for unseen_token in unseen if options.cases_only or survives_tests(unseen_token, copy)
            ]
            by_tests = len(unseen) - len(survivors)
            print(f"{family}: {len(tokens) - len(survivors)} noticed, {by_tests} of them by other tests, ", end="")
            print(f"{len(survivors)} survived", flush=True)
            for token in survivors:
                print(f"  {token}", flush=True)
            left += survivors
    sys.exit(1 if left else 0)


if __name__ == "__main__":
    main()
