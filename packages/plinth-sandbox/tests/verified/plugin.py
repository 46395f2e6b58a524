"""Plugin of pytest for the tests of moto: keeps those that were verified against AWS, and lets them reach the sandbox.

Sleeps are short, because the sandbox answers at once; those of S3 stay, because locks expire.
"""

from __future__ import annotations

import ast
import functools
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_sleep = time.sleep
_longest = 0.5


def _briefly(seconds: float) -> None:
    _sleep(min(seconds, _longest))


time.sleep = _briefly


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept = []
    for item in items:
        name = "::".join(item.nodeid.split("::")[1:]).split("[")[0]
        verified = _verified(item.path)
        if name in verified:
            if verified[name] and isinstance(item, pytest.Function):
                item.obj = getattr(item.obj, "__wrapped__", item.obj)
            kept.append(item)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


@functools.cache
def _verified(path: Path) -> dict[str, bool]:
    """Returns the verified tests of a module, and whether each would mock AWS nevertheless."""
    return dict(_marked(ast.parse(path.read_text(encoding="utf-8")).body, "", is_marked=False))


def _marked(body: list[ast.stmt], prefix: str, *, is_marked: bool) -> Iterator[tuple[str, bool]]:
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
            marked = is_marked or any("aws_verified" in decorator for decorator in decorators)
            if isinstance(node, ast.ClassDef):
                yield from _marked(node.body, f"{prefix}{node.name}::", is_marked=marked)
            elif marked:
                yield prefix + node.name, any(decorator.startswith("mock_aws") for decorator in decorators)


@pytest.fixture(autouse=True)
def _sleep_as_the_service_needs(request: pytest.FixtureRequest) -> None:
    global _longest
    _longest = 60.0 if f"test_s3{os.sep}" in str(request.path) else 0.5
