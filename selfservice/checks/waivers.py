"""Refuses to delete data that no waiver of the settings names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from selfservice.checks.data_loss import Loss, is_durable, losses
from selfservice.errors import RefusedError
from selfservice.operations.operation import Problem
from selfservice.projects.project import Project
from selfservice.projects.states import resources_by_stack

if TYPE_CHECKING:
    from settings.organization.waiver import Waiver

LONGEST_DAYS = 30
"""Days from today to the last day of a waiver, at most."""


def unwaived(found: Iterable[Loss], waivers: Sequence[Waiver], today: date) -> list[Problem]:
    """Returns a problem for each loss that no valid waiver names, with the waiver to add."""
    problems = []
    for loss in found:
        named = [waiver for waiver in waivers if (waiver.stack, waiver.resource) == (loss.stack, loss.resource)]
        if not any(_fault(name, today) is None for name in named):
            problems.append(Problem(urn=loss.urn, message=_message(loss, named, today)))
    return problems


def unwaived_of(directory: Path, found: Sequence[Loss]) -> list[Problem]:
    """Returns the same for the settings of a project directory, today. Without a loss it reads nothing."""
    if not found:
        return []
    from settings.files.validation_cache import load_cached

    return unwaived(found, load_cached(directory).organization.waivers, datetime.now(UTC).date())


def refuse_unwaived(project: Project, stacks: Sequence[str]) -> None:
    """Raises RefusedError with all data that a destruction of the stacks would delete, unless waivers name it.

    Environments other than production hold the only copy of nothing (ACC-08), so their destruction needs no waiver.
    """
    from settings.derived.stack_graph import StackIdentity

    durable = [stack for stack in stacks if is_durable(StackIdentity.parse(stack))]
    found = [
        loss
        for stack, held in resources_by_stack(project, durable).items()
        for loss in losses(stack, {resource["urn"]: "delete" for resource in held if resource.get("custom")}, held)
    ]
    problems = unwaived_of(project.directory, found)
    if problems:
        listed = "\n  ".join(problem.message.replace("\n", "\n  ") for problem in problems)
        raise RefusedError(f"nothing was destroyed, because data would be lost:\n  {listed}")


def _fault(waiver: Waiver, today: date) -> str | None:
    """Returns why a waiver is not valid today, or None."""
    if waiver.last_day < today:
        return f"the waiver that {waiver.requester} requested expired after {waiver.expires}"
    if waiver.last_day > today + timedelta(days=LONGEST_DAYS):
        return (
            f"the waiver that {waiver.requester} requested expires on {waiver.expires}, "
            f"more than {LONGEST_DAYS} days ahead"
        )
    return None


def _message(loss: Loss, named: Sequence[Waiver], today: date) -> str:
    faults = [fault for fault in (_fault(name, today) for name in named) if fault is not None]
    why = "; ".join(faults) if faults else "no waiver allows it"
    last = today + timedelta(days=LONGEST_DAYS)
    change = "change its date" if faults else "add a waiver"
    return (
        f"{loss.stack}: {loss}; {why}. Keep the resource, or {change} in `waivers` of plinth:organization in "
        f"Pulumi.yaml, at most until {last}:\n"
        f"  - stack: {loss.stack}\n"
        f'    resource: "{loss.resource}"\n'
        "    reason: …\n"
        "    requester: …\n"
        f'    expires: "{last}"'
    )
