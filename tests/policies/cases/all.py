"""All test cases. The cases of a rule module are in the module of the same name in this package."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from policies.rule_list import MODULES
from tests.policies.case import Case, Prohibition, StackCase

_CASE_MODULES = [
    import_module(
        module.__name__.replace("policies.security.rules", "tests.policies.cases").replace(
            "policies.kubernetes.rules", "tests.policies.cases.kubernetes"
        )
    )
    for module in MODULES
]


def _all(kind: str) -> list[Any]:
    return [case for module in _CASE_MODULES for case in getattr(module, kind, ())]


CASES: list[Case] = _all("CASES")
PROHIBITIONS: list[Prohibition] = _all("PROHIBITIONS")
STACK_CASES: list[StackCase] = _all("STACK_CASES")
