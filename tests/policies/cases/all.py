"""Every case of every rule: a module of rules has its cases in the module of its name here."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from policies.security.rule_list import MODULES
from tests.policies.case import Case, Prohibition, RelationCase

_OF_CASES = [
    import_module(rules.__name__.replace("policies.security.rules", "tests.policies.cases")) for rules in MODULES
]


def _every(kind: str) -> list[Any]:
    return [case for module in _OF_CASES for case in getattr(module, kind, ())]


CASES: list[Case] = _every("CASES")
PROHIBITIONS: list[Prohibition] = _every("PROHIBITIONS")
RELATIONS: list[RelationCase] = _every("RELATIONS")
