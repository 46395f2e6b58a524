"""Account pinning: refuses settings that would move a deployed stack to another account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from selfservice.errors import RefusedError
from selfservice.projects.project import Project
from selfservice.projects.states import existing_stacks, resources_by_stack
from settings.types.regions import account_label_of

_PROVIDER_TYPE = "pulumi:providers:aws"


def refuse_account_moves(project: Project, stacks: Sequence[str]) -> None:
    """Raises RefusedError with every stack that would move, and the settings that keep it in its account.

    Dependent stacks are checked too, because a team's stack creates their accounts.
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
    """Returns the label of the account that a stack was deployed to, or None.

    Providers are named after the label and, outside the home region, the region.
    If a stack deploys to several accounts and the expected one is among them, that is its account. Otherwise, it is the
    account with the most resources.
    """
    urns = (resource["urn"] if _is_provider(resource) else _provider_of(resource) for resource in resources)
    providers = (urn.rpartition("::")[2] for urn in urns if f"::{_PROVIDER_TYPE}::" in urn)
    counted = Counter(map(account_label_of, providers))
    if expected in counted:
        return expected
    return next((label for label, _ in counted.most_common(1)), None)


def _is_provider(resource: Mapping[str, Any]) -> bool:
    return bool(resource["type"] == _PROVIDER_TYPE)


def _provider_of(resource: Mapping[str, Any]) -> str:
    """Returns the URN of a resource's provider. The state appends the provider's id to it."""
    return str(resource.get("provider", "")).rpartition("::")[0]


def _deployed_accounts(project: Project, stacks: Sequence[str]) -> dict[str, str]:
    """Returns the account of each deployed stack."""
    found = resources_by_stack(project, stacks)
    labels = {stack: deployed_account(held, project.account_of[stack]) for stack, held in found.items()}
    return {stack: label for stack, label in labels.items() if label is not None}


def _with_dependents(project: Project, stacks: Sequence[str]) -> list[str]:
    """Returns the stacks and their dependents. The graph lists every stack after its dependencies."""
    reached = set(stacks)
    for stack, needs in project.graph.items():
        if reached.intersection(needs):
            reached.add(stack)
    return [stack for stack in project.graph if stack in reached]


def _lines(project: Project, settled: Mapping[str, str]) -> list[str]:
    from settings.derived.account_pinning import pinning_lines
    from settings.files.validation_cache import load_cached

    return [str(line) for line in pinning_lines(load_cached(project.directory), settled)]
