"""Looks up the people of a request, and tells who writes it if the directory does not answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial
from pathlib import Path

import click

from selfservice.projects.project import home_region


def look_up_people(directory: Path, names: Iterable[str]) -> Collection[str]:
    """Returns those of the names that the directory of IAM Identity Center does not have.

    If it does not answer, prints why and returns nobody: the review of the request looks them up again.
    """
    from selfservice.people import directory_access

    return directory_access.look_up_people(home_region(directory), names, tell=partial(click.echo, err=True))
