"""``plinth ground-truth``."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import open_project, require_engine
from settings.types.kinds import ReleasedTo


@click.command("ground-truth", cls=ProjectCommand)
@options.use_case
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@options.released_in
@options.role
@click.pass_obj
def ground_truth(directory: Path, /, *, use_case: str, file: Path, environment: str, role: str | None) -> ExitCode:
    """Upload what really happened after predictions.

    FILE is a CSV file with the columns `id` and `label`. The id is the header x-amzn-RequestId of the answer, the
    member `request` of an answering event, or the InferenceId that the caller gave. A request of several rows has
    several lines, in the order of its rows. The next comparison joins labels and predictions; `plinth monitor
    --quality` shows what it found.

    Use the permission set MLOpsEngineer-environments or MLEngineer-releases of the environment's account.
    """
    from selfservice.promotions.monitoring.ground_truth import read_labels, upload
    from selfservice.promotions.monitoring.places import monitor_place

    project = open_project(directory)
    require_engine(project.directory)
    labels = read_labels(file)
    place = monitor_place(project, use_case, cast(ReleasedTo, environment), role)
    click.echo(f"Uploaded the labels of {len(labels)} requests to {upload(place, labels)}")
    return ExitCode.OK
