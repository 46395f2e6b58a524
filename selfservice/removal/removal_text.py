"""Describes the effects of a removal, and what is left after it, as text."""

from __future__ import annotations

from selfservice.formatting import counted
from selfservice.removal.team_removal import Removal


def described(removal: Removal) -> str:
    """Returns what the removal does, one subject a line."""
    resources = counted(sum(removal.stacks.values()), "resource")
    lines = [f"{removal.kind.capitalize()} {removal.subject}: {counted(len(removal.stacks), 'stack')} with {resources}"]
    if removal.published:
        lines.append(f"  updated first, because they share data with it: {', '.join(removal.published)}")
    for stack in reversed(list(removal.stacks)):
        lines.append(f"  destroyed: {stack} ({counted(removal.stacks[stack], 'resource')})")
    lines += [f"  deleted with everything in it: bucket {bucket}" for bucket in removal.buckets]
    lines += [f"  deleted: {file.name}" for file in removal.files]
    lines += [f"  stays, in the tooling account: {kept}" for kept in kept_names(removal)]
    lines += [f"  stays, in the unit Suspended: account {name} ({id_})" for name, id_ in removal.accounts.items()]
    return "\n".join(lines)


def kept_names(removal: Removal) -> list[str]:
    return [name for names in removal.kept.values() for name in names]


def remaining(removal: Removal) -> str:
    """Returns what is left of the team, and what a person can do with it."""
    kept = "".join(f"\n  {name}" for name in kept_names(removal))
    durable = f"\nIts code, images and models stay in the tooling account:{kept}" if kept else ""
    if not removal.accounts:
        return f"Team {removal.subject} is removed. It had no accounts of its own.{durable}"
    listed = "\n  ".join(f"{name} ({id_})" for name, id_ in removal.accounts.items())
    return (
        f"Team {removal.subject} is removed. Nothing is left of it but its accounts, in the unit Suspended:"
        f"\n  {listed}\n"
        "Close them in the console of AWS Organizations if nobody needs them any more; AWS never releases the address "
        f"of a closed account. A new team of the same name gets them back.{durable}"
    )
