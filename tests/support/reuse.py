"""Code and resources of a team's first use case that its second one repeats, and resources that both share."""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from settings.team.delivery import DeliverySettings
from settings.team.use_case import UseCaseSettings
from tests.support.every_stack import Deployment, example_foundation, example_team

FIRST, SECOND = "scoring", "defaults"
_STATEMENTS = 2
"""Shorter functions are equal by chance."""


def functions_in(folder: Path) -> Mapping[str, list[str]]:
    """Returns where a folder has functions of two or more statements, by their code without names and docstrings."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                if len(body) >= _STATEMENTS:
                    found[ast.dump(ast.Module(body, []))].append(f"{file.relative_to(folder).as_posix()}:{node.name}")
    return found


def copied(folder: Path, source: Path) -> list[str]:
    """Returns the functions of a folder whose code another one contains too."""
    ours, theirs = functions_in(folder), functions_in(source)
    return sorted(place for code in ours.keys() & theirs.keys() for place in ours[code])


def resources_of_both() -> tuple[list[str], list[str]]:
    """Returns the resources of two use cases with the same settings: type, name, provider and inputs as JSON, in order.

    The second ones are written as if they had the name of the first use case.
    """
    settings = UseCaseSettings(delivery=DeliverySettings(images=("train",), approvers=("ben", "chloe")))
    team = example_team(use_cases={FIRST: settings, SECOND: settings})
    deployment = Deployment(example_foundation(teams=[team]))
    return _resources(deployment, FIRST), _resources(deployment, SECOND)


def _resources(deployment: Deployment, use_case: str) -> list[str]:
    records = deployment[f"fraud--{use_case}"].records
    lines = (
        json.dumps([record.type, record.name, record.provider, record.inputs], sort_keys=True) for record in records
    )
    # The name of a bucket contains eight digits of a hash of the use case's name.
    return sorted(re.sub(r"-promotions-[0-9a-f]{8}-", "-promotions-", line).replace(use_case, FIRST) for line in lines)
