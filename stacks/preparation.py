"""Imports the SDK's services that the programs of some stacks use, before these programs run.

A process that has done so can be forked for every run of a program, which then begins at once: most of a short run is
the import of the SDK's classes. Which services a stack uses, its sources say. They are read and not imported, so that
each run imports the stack's own modules anew, and its record shows which they were.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pulumi_aws as aws

from settings.derived.stack_graph import StackIdentity
from stacks.stack_modules import MODULES

_ROOT = Path(__file__).resolve().parent.parent
_SERVICE = re.compile(r"\baws\.([a-z]\w*)")
_IMPORT = re.compile(r"^ *from ((?:components|stacks)[\w.]*) import (.+)$", re.MULTILINE)


def steps(stacks: Iterable[str]) -> Iterator[None]:
    """Import what these stacks use, one service a step."""
    ready: set[str] = set()
    for stack in stacks:
        for service in sorted(_services_of(MODULES[StackIdentity.parse(stack).kind]) - ready):
            ready.add(service)
            # Any attribute but those that every module has makes the SDK load it.
            getattr(getattr(aws, service, None), "__all__", None)
            yield


@cache
def _services_of(module: str) -> frozenset[str]:
    """The services that a module and those that it imports name. A word too many costs an import, one too few time."""
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
    """The text of a module of the project; nothing for a package, or a name that is no module."""
    file = _ROOT.joinpath(*module.split(".")).with_suffix(".py")
    return file.read_text(encoding="utf-8") if file.is_file() else ""
