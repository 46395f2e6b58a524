"""Looks up the people of a request, and tells who writes it if the directory does not answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import click

from selfservice.runner.project import home_region


def look_up_people(directory: Path, names: Iterable[str]) -> Collection[str]:
    """Returns those of the names that the directory of IAM Identity Center does not have.

    If it does not answer, prints why and returns nobody: the review of the request looks them up again.
    """
    from selfservice.requests.people_lookup import LookUpError, unknown_people

    try:
        return unknown_people(home_region(directory), names)
    except LookUpError as error:
        click.echo(f"People are looked up later, in the review of the request: {error}", err=True)
        return frozenset()


def refuse_unknown_approvers(directory: Path, approvers: Collection[str]) -> None:
    """Raises BadInputError with every approver whom the directory does not have."""
    from selfservice.errors import BadInputError
    from selfservice.requests.people_lookup import REMEDY, UNKNOWN

    missing = look_up_people(directory, approvers)
    if missing:
        named = "\n  ".join(f"approvers: {name} {UNKNOWN}; {REMEDY}" for name in sorted(missing))
        raise BadInputError(f"the request is refused:\n  {named}")
