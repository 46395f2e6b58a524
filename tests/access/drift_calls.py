"""The calls with which ``plinth drift`` looks for what accounts contain beyond the stacks, as IAM actions.

They are the names of operations in the code of the readers. Two services may have operations of the same name, so only
services that are named beside the operation count: in the same module, or in the same row of the table of listings.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import botocore.session
from botocore import xform_name

import selfservice.undeclared
from components.identity.reviews.undeclared_reads import UNDECLARED_READS, UNDECLARED_READS_IN_MANAGEMENT
from plinth_sandbox.provider.operations.session import service_model
from tests.access.plugin_calls import actions_of

READERS = Path(selfservice.undeclared.__path__[0])
_ROW = "PolicyListing"
"""The class of a row of the table of listings."""
READ_BY_DRIFT = UNDECLARED_READS | UNDECLARED_READS_IN_MANAGEMENT
"""Actions, and patterns of actions, that the reviewer has for the search."""
NEEDS_NO_PERMISSION = frozenset({"sts:GetCallerIdentity"})
"""Actions that everybody may call (STS API Reference, GetCallerIdentity)."""


@cache
def drift_calls() -> frozenset[str]:
    """Returns the actions of all calls, without those that need no permission."""
    found = (call for path in READERS.rglob("*.py") for scope in _scopes(path) for call in _calls(_names(scope)))
    return frozenset(actions_of(found)) - NEEDS_NO_PERMISSION


def needed_by_drift() -> frozenset[str]:
    """Returns the actions and patterns of the reviewer that a call needs."""
    return frozenset(pattern for pattern in READ_BY_DRIFT if any(fnmatchcase(call, pattern) for call in drift_calls()))


@cache
def _services() -> frozenset[str]:
    return frozenset(botocore.session.get_session().get_available_services())


def _scopes(path: Path) -> Iterator[ast.AST]:
    """Yields the rows of a table of listings; the whole module if it has none."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    calls = (node for node in ast.walk(module) if isinstance(node, ast.Call))
    rows = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == _ROW]
    yield from rows or [module]


def _names(scope: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(scope):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found


def _calls(names: set[str]) -> Iterator[tuple[str, str]]:
    """Yields service and method of the operations that are named together with their service."""
    for service in names.intersection(_services()):
        methods = map(xform_name, service_model(service).operation_names)
        yield from ((service, method) for method in names.intersection(methods))
