"""The list of all rules of the pack, in the order of their ids. Importing it starts no engine."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from itertools import chain
from types import ModuleType

from policies.evaluation.rule import Rule

PACK_NAME = "plinth-security"


PACKAGES = ("policies.kubernetes.rules", "policies.security.rules")
"""Packages of rules. One process runs all of them, because each process of a pack costs time and memory per stack."""


def _rule_modules() -> Iterator[ModuleType]:
    """Imports every module below the packages, so that a new one needs no registration."""
    for package in map(importlib.import_module, PACKAGES):
        for found in pkgutil.walk_packages(package.__path__, prefix=f"{package.__name__}."):
            if not found.ispkg:
                yield importlib.import_module(found.name)


MODULES = tuple(_rule_modules())

RULES: tuple[Rule, ...] = tuple(
    sorted(chain.from_iterable(module.RULES for module in MODULES), key=lambda rule: rule.id)
)
