"""Imports what stack programs use before the programs run.

Importing the SDK's classes takes most of the time of a short run. A process that has imported them is forked for each
run. The services of a stack are found by searching its source files. The sources are not imported, because the process
prepares several stacks, and each of their forks would take over the modules of all. A process that runs one stack
imports these too (`import_stack`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pulumi_aws as aws

import settings.files.validation_cache  # noqa: F401 (every program reads the settings)
from settings.derived.stack_graph import StackIdentity
from stacks.stack_modules import MODULES

_ROOT = Path(__file__).resolve().parent.parent
_SERVICE = re.compile(r"\baws\.([a-z]\w*)")
_IMPORT = re.compile(r"^ *from ((?:components|stacks)[\w.]*) import (.+)$", re.MULTILINE)


def steps(stacks: Iterable[str]) -> Iterator[None]:
    """Imports the services that the stacks use. Each step of the iterator imports one."""
    return _steps(MODULES[StackIdentity.parse(stack).kind] for stack in stacks)


def all_steps() -> Iterator[None]:
    """Imports the services that any stack may use. Each step of the iterator imports one."""
    return _steps(MODULES.values())


def _steps(modules: Iterable[str]) -> Iterator[None]:
    ready: set[str] = set()
    for module in modules:
        for service in sorted(_services_of(module) - ready):
            ready.add(service)
            # The SDK loads a service when an attribute of it is read that not every module has.
            getattr(getattr(aws, service, None), "__all__", None)
            yield


def import_stack(stack: str) -> None:
    """Imports the modules of one stack, which its preview and its update then share."""
    import_module(MODULES[StackIdentity.parse(stack).kind])


@cache
def _services_of(module: str) -> frozenset[str]:
    """Returns the services that a module and its imports name. A false match only costs an import."""
    found: set[str] = set()
    seen: set[str] = set()
    left = {module}
    while left:
        name = left.pop()
        seen.add(name)
        source = _source(name)
        found |= set(_SERVICE.findall(source))
        for package, names in _IMPORT.findall(source):
            left |= {package, *(f"{package}.{each}" for each in re.findall(r"\w+", names))} - seen
    return frozenset(found)


def _source(module: str) -> str:
    """Returns the source of a module of the project, or an empty text if there is no such file."""
    file = _ROOT.joinpath(*module.split(".")).with_suffix(".py")
    return file.read_text(encoding="utf-8") if file.is_file() else ""
