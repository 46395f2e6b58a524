"""Refuses settings that put a deployed stack into another account, before any stack is touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from selfservice.errors import RefusedError
from selfservice.runner.project import Project
from selfservice.runner.states import existing_stacks, resources_by_stack

_PROVIDER_TYPE = "pulumi:providers:aws"


def refuse_account_moves(project: Project, stacks: Sequence[str]) -> None:
    """Raises RefusedError with every stack that would move, and the lines of settings that keep it where it is.

    The stacks that need the chosen ones are judged too: a team's stack takes the accounts away under them.
    """
    made = existing_stacks(project)
    settled = _deployed_accounts(project, [stack for stack in _with_dependents(project, stacks) if stack in made])
    moving = {stack: label for stack, label in settled.items() if label != project.account_of[stack]}
    if not moving:
        return
    moves = "\n  ".join(f"{stack}: {label} -> {project.account_of[stack]}" for stack, label in moving.items())
    lines = "\n  ".join(
        _lines(project, _deployed_accounts(project, [stack for stack in project.graph if stack in made]))
    )
    raise RefusedError(
        "nothing was touched, for another account means new copies of everything that these stacks hold:\n"
        f"  {moves}\n"
        "what was deployed stays where it is, and what is new lands where the placement says; write\n"
        f"  {lines}"
    )


def deployed_account(resources: Iterable[Mapping[str, Any]], expected: str | None = None) -> str | None:
    """The label of the account that a stack was deployed to, which its provider is named after; None where none is.

    A stack that acts in several accounts is where it is expected as long as that is one of them. Where it is none, most
    of what it holds says which it was: a team's data has more in the accounts that read than in the lake's.
    """
    urns = (resource["urn"] if _is_provider(resource) else _provider_of(resource) for resource in resources)
    counted = Counter(urn.rpartition("::")[2] for urn in urns if f"::{_PROVIDER_TYPE}::" in urn)
    if expected in counted:
        return expected
    return next((label for label, _ in counted.most_common(1)), None)


def _is_provider(resource: Mapping[str, Any]) -> bool:
    return bool(resource["type"] == _PROVIDER_TYPE)


def _provider_of(resource: Mapping[str, Any]) -> str:
    """URN of a resource's provider, which is recorded with the provider's id behind it."""
    return str(resource.get("provider", "")).rpartition("::")[0]


def _deployed_accounts(project: Project, stacks: Sequence[str]) -> dict[str, str]:
    """The account of each of the stacks that was deployed."""
    found = resources_by_stack(project, stacks)
    labels = {stack: deployed_account(held, project.account_of[stack]) for stack, held in found.items()}
    return {stack: label for stack, label in labels.items() if label is not None}


def _with_dependents(project: Project, stacks: Sequence[str]) -> list[str]:
    """The stacks and all that need them; the graph has every stack after those it needs."""
    reached = set(stacks)
    for stack, needs in project.graph.items():
        if reached.intersection(needs):
            reached.add(stack)
    return [stack for stack in project.graph if stack in reached]


def _lines(project: Project, settled: Mapping[str, str]) -> list[str]:
    from settings.derived.account_pinning import pinning_lines
    from settings.files.validation_cache import load_cached

    return [str(line) for line in pinning_lines(load_cached(project.directory), settled)]
