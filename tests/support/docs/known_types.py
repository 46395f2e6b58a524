"""Writes the list of resource types that rule OR-08 accepts: ``python -m tests.support.docs.known_types``.

The list contains every type of the provider that a component or stack names, and the types of rules about single
services. The types of the rules in CROSS_CUTTING do not count, because these rules leave the configuration of a type
open.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pulumi_aws

from policies.evaluation.resource import PROVIDER_TYPE
from policies.evaluation.rule import EVERY_AWS_RESOURCE, EVERY_RESOURCE
from policies.rule_list import RULES

_ROOT = Path(__file__).resolve().parents[3]
MODULE = _ROOT / "policies" / "security" / "inputs" / "known_types.py"
SOURCES = (_ROOT / "components", _ROOT / "stacks")
CROSS_CUTTING = frozenset(
    {"IA-10", "IA-11", "IA-15", "IA-16", "IA-17", "OR-05", "OR-06", "OR-07", "OR-08"}
    | {"SE-01", "SE-02", "ST-02", "ST-06", "ST-07", "ST-14", "ST-16"}
)
"""Rules about any service, and rules that refuse their types altogether."""

_INTRODUCTION = '''\
"""Resource types that OR-08 accepts.

Generated from the components, the stacks and the rules by `python -m tests.support.docs.known_types`.
"""

from __future__ import annotations

KNOWN_TYPES = frozenset(
    {
'''


def created_types() -> set[str]:
    """Returns the types that components and stacks can create, whatever the settings are."""
    tokens = dict(_tokens())
    files = (file for folder in SOURCES for file in folder.rglob("*.py"))
    named = (name for file in files for name in _classes_in(ast.parse(file.read_text(encoding="utf-8"))))
    return {tokens[name] for name in named if name in tokens} | {PROVIDER_TYPE}


def classes_of_types() -> dict[str, tuple[str, str]]:
    """Returns module and name of the class of each type of the provider's SDK."""
    return {token: place for place, token in _tokens()}


def _tokens() -> Iterator[tuple[tuple[str, str], str]]:
    """Yields the type of each resource class of the provider's SDK, by its module and its name."""
    text = Path(str(pulumi_aws.__file__)).read_text(encoding="utf-8")
    registered = re.search(r'resource_modules="""\n(.*?)\n"""', text, re.DOTALL)
    for module in json.loads(registered[1]) if registered else ():
        for token, name in module["classes"].items():
            yield (module["fqn"].rpartition(".")[2], name), token


def _classes_in(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yields module and name for every mention of a class of the SDK, as in ``aws.kms.Key``."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Attribute(value=ast.Name(id="aws"), attr=module), attr=name):
                yield module, name


def governed_types() -> set[str]:
    """Returns the types that rules about single services check."""
    rules = [rule for rule in RULES if rule.id not in CROSS_CUTTING]
    checked = {type_ for rule in rules for type_ in rule.checks}
    together = {type_ for rule in rules for stack_check in rule.stack_checks for type_ in stack_check.types}
    return (checked | together) - {EVERY_AWS_RESOURCE, EVERY_RESOURCE}


def module(types: Iterable[str]) -> str:
    """Returns the text of the generated module."""
    lines = "".join(f'        "{type_}",\n' for type_ in sorted(types))
    return f"{_INTRODUCTION}{lines}    }}\n)\n"


if __name__ == "__main__":
    MODULE.write_text(module(created_types() | governed_types()), encoding="utf-8")
