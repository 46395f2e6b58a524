"""The list of all rules of the pack, in the order of their ids. Importing it starts no engine."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from itertools import chain
from types import ModuleType

from policies.security import rules
from policies.security.rule import Rule

PACK_NAME = "plinth-security"


def _rule_modules() -> Iterator[ModuleType]:
    """Imports every module below the package ``rules``, so that a new one needs no registration."""
    for found in pkgutil.walk_packages(rules.__path__, prefix=f"{rules.__name__}."):
        if not found.ispkg:
            yield importlib.import_module(found.name)


MODULES = tuple(_rule_modules())

RULES: tuple[Rule, ...] = tuple(
    sorted(chain.from_iterable(module.RULES for module in MODULES), key=lambda rule: rule.id)
)
