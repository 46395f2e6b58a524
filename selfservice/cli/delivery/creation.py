"""The creation of a use case, as a person starts it with a command and a runner for a request."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.authoring.new_team import shown
from selfservice.authoring.new_use_case import NewUseCase, add_use_case
from selfservice.cli.delivery.first_commit import Created, FirstCommit, created


def create_use_case(
    directory: Path, use_case: NewUseCase, first: FirstCommit, *, confirmed: bool, wait: bool
) -> Created:
    """Adds the use case to the settings, deploys its stack, and pushes its first commit. What exists is left as it is.

    The settings get an image repository for each image that the template builds, also for those that nobody named.

    Raises: BadInputError and SettingsError for wrong values, before anything is changed; RefusedError if the
    credentials may not deploy.
    """
    add_use_case(directory, use_case, write=False)
    first.refuse_what_cannot_work(directory)
    add_to_settings(directory, use_case.with_images(first.built_images(directory)))
    return created(directory, first, confirmed=confirmed, wait=wait)


def add_to_settings(directory: Path, use_case: NewUseCase) -> None:
    """Adds the use case to the settings file of its team, unless it is there."""
    file = add_use_case(directory, use_case)
    if file is None:
        click.echo(f"The settings have the use case {use_case.name} of {use_case.team} already.")
    else:
        click.echo(f"{shown(file, directory)} has the use case {use_case.name}.")
