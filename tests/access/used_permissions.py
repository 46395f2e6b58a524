"""Permissions that roles used in runs of the sandbox: ``python -m tests.access.used_permissions FOLDER``.

The command looks for the emulators' records below a folder, such as the one where the tests of ``make test-all`` leave
theirs, and adds them to ``used_permissions.yaml``: actions by kind of role and statement. It leaves out what the roles
of the example do not grant, and prints it. A test compares the file with the policies that the stacks provision.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path

import click
import yaml

from iam_evaluator.policy_document import Statement
from plinth_sandbox.emulator.authorization.usage import PERMISSIONS, uses_in
from settings.team.use_case import UseCaseSettings
from settings.types.kinds import ENVIRONMENTS
from tests.access.role_kinds import grants, kind_of, principals_of
from tests.access.world.world import World, example_world
from tests.support.every_stack import (
    Deployment,
    example_feature_group,
    example_foundation,
    example_organization,
    example_team,
)
from tests.support.variants import PACKAGES, PLATFORM_IMAGE, REQUESTS

TABLE = Path(__file__).with_suffix(".yaml")
HEADER = """# What roles used in runs of the sandbox: actions by kind of role and statement. Written by
# `python -m tests.access.used_permissions FOLDER` from the records that the tests of `make test-all` leave.
"""
Permission = tuple[str, str, str]
"""Kind of role, statement and action."""
Granted = Mapping[tuple[str, str], Collection[Statement]]
"""Statements by kind of role and Sid."""


@cache
def largest_world() -> World:
    """Returns a world with a runner of requests, builds of its image, packages, and a use case of each kind."""
    delivery = {"images": ["train"], "approvers": ["ben", "chloe"]}
    retrained = {**delivery, "retraining": {"on_drift": True}}
    cases = {
        "scoring": UseCaseSettings.model_validate({"delivery": retrained, "models_call_aws": True}),
        "answers": UseCaseSettings.model_validate({"inference": ["asynchronous"], "delivery": delivery}),
        "events": UseCaseSettings.model_validate({"predicts_on_events": True, "delivery": delivery}),
        "batches": UseCaseSettings.model_validate({"inference": ["batch"], "delivery": retrained}),
    }
    foundation = example_foundation(
        organization=example_organization(**REQUESTS, **PACKAGES, **PLATFORM_IMAGE),
        teams=[example_team(use_cases=cases)],
        feature_groups=[example_feature_group(shared_with={"fraud": list(ENVIRONMENTS)})],
    )
    return World(Deployment(foundation))


@cache
def granted_statements() -> Granted:
    """Returns what the roles of the example and of the largest world may do."""
    found: dict[tuple[str, str], list[Statement]] = {}
    for world in (example_world(), largest_world()):
        for kind, principal in principals_of(world):
            for statement in grants(principal):
                found.setdefault((kind, statement.sid), []).append(statement)
    return found


def is_granted(permission: Permission) -> bool:
    """Whether a statement with this Sid of a role of this kind allows the action."""
    kind, sid, action = permission
    return any(statement.covers(action) for statement in granted_statements().get((kind, sid), ()))


def used_in(folder: Path) -> Iterator[Permission]:
    """Yields what the records below a folder say."""
    for path in sorted(folder.rglob(PERMISSIONS)):
        for use in uses_in(path):
            kind = kind_of(use.role.rpartition("/")[2])
            yield from ((kind, statement.rpartition("/")[2], use.action) for statement in use.statements)


def read() -> set[Permission]:
    """Returns what the file says."""
    kinds = yaml.safe_load(TABLE.read_text(encoding="utf-8")) or {}
    return {(kind, sid, action) for kind, sids in kinds.items() for sid, actions in sids.items() for action in actions}


def write(used: Collection[Permission]) -> None:
    kinds: dict[str, dict[str, list[str]]] = {}
    for kind, sid, action in sorted(used):
        kinds.setdefault(kind, {}).setdefault(sid, []).append(action)
    TABLE.write_text(HEADER + yaml.safe_dump(kinds, width=120), encoding="utf-8")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(folder: Path) -> None:
    """Add to used_permissions.yaml what the records below FOLDER say."""
    found = read() | set(used_in(folder))
    kept = {permission for permission in found if is_granted(permission)}
    write(kept)
    for permission in sorted(found - kept):
        click.echo(f"not granted: {' '.join(permission)}")
    click.echo(f"{len(kept)} permissions of {len({kind for kind, *_ in kept})} kinds of roles in {TABLE.name}")


if __name__ == "__main__":
    main()
