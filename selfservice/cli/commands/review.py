"""``plinth review``."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from selfservice.checks.undeployable import refuse_undeployable
from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.cli.progress import progress_listener
from selfservice.cli.report import Report
from selfservice.errors import BadInputError, ExitCode, RefusedError
from selfservice.fingerprints.affected import affected
from selfservice.forks.prepared import PreparedProcess
from selfservice.operations.operation import Action, Outcome
from selfservice.projects.project import Project, find_directory, open_project, require_engine
from selfservice.reviews.base import Base
from selfservice.reviews.comment import as_markdown
from selfservice.reviews.executed import refuse_executed_changes
from selfservice.reviews.forge import Forge, forge_of, publish
from selfservice.reviews.review import CostChange, Review
from selfservice.runner.session import RunOptions, run_operations
from selfservice.use_cases.template_version import refuse_older_versions
from settings.types.errors import SettingsError

_LIMIT = 65_536
"""Characters of a comment that is not posted: the limit of GitHub, which is lower than that of GitLab."""


@click.command("review", cls=ProjectCommand)
@click.option(
    "--since",
    metavar="REVISION",
    default="origin/main",
    show_default=True,
    help="The protected branch, into which the change is merged.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the comment to a file instead of standard output.",
)
@click.option("--post", is_flag=True, help="Post the comment to the pull request of this job, or update it there.")
@click.option(
    "--settings-only",
    is_flag=True,
    help="Refuse a change of anything but settings, so that nothing from the change is executed.",
)
@options.read_only
@click.option("--jobs", type=click.IntRange(min=1), help="Number of stacks to run in parallel.")
@click.pass_obj
def review(
    directory: Path,
    /,
    *,
    since: str,
    output: Path | None,
    post: bool,
    settings_only: bool,
    read_only: bool,
    jobs: int | None,
) -> ExitCode:
    """Preview a pull request and write a comment about it.

    Previews the stacks that the change affects since it left the protected branch. The policy packs of that branch
    judge it, so a change cannot weaken its own check. Nothing changes in AWS.
    """
    forge = forge_of(os.environ) if post else None
    directory = find_directory(directory)
    base = Base.of(directory, since)
    try:
        if settings_only:
            refuse_executed_changes(base, directory)
        found, exit_code = _reviewed(directory, base, jobs, read_only=read_only)
    except (SettingsError, BadInputError) as error:
        found, exit_code = _without_preview(base, error), ExitCode.BAD_INPUT
    except RefusedError as error:
        found, exit_code = _without_preview(base, error), ExitCode.REFUSED
    _write(as_markdown(found, limit=forge.limit if forge is not None else _LIMIT), output, forge)
    return exit_code


def _reviewed(directory: Path, base: Base, jobs: int | None, *, read_only: bool) -> tuple[Review, ExitCode]:
    project = replace(open_project(directory), read_only=read_only)
    require_engine(project.directory)
    _refuse_older_templates(project, base)
    reasons = affected(project, base.fork_point)
    stacks = [stack for stack in project.graph if stack in reasons]
    refuse_undeployable(project, stacks)
    outcomes, exit_code = _previewed(project, base, stacks, jobs) if stacks else ({}, ExitCode.OK)
    if exit_code is ExitCode.OK and any(outcome.unwaived for outcome in outcomes.values()):
        exit_code = ExitCode.REFUSED
    return _review(project, base, reasons, outcomes), exit_code


def _refuse_older_templates(project: Project, base: Base) -> None:
    from settings.files.validation_cache import load_cached

    before = base.foundation(project.directory)
    if before is not None:
        refuse_older_versions(before.organization.templates, load_cached(project.directory).organization.templates)


def _previewed(
    project: Project, base: Base, stacks: list[str], jobs: int | None
) -> tuple[dict[str, Outcome], ExitCode]:
    with base.policy_packs(project) as packs, closing(PreparedProcess()) as prepared:
        judged = replace(project, protected_packs=packs)
        chosen = RunOptions(action=Action.PREVIEW, stacks=stacks, diff=True, jobs=jobs)
        result = run_operations(
            judged,
            chosen,
            prepared,
            partial(progress_listener, sys.stderr, Action.PREVIEW),
            partial(print, file=sys.stderr, flush=True),
        )
    report = Report(action=Action.PREVIEW, outcomes=result.outcomes, seconds=result.seconds, logs=result.logs)
    return dict(result.outcomes), report.exit_code


def _review(project: Project, base: Base, reasons: Mapping[str, str], outcomes: Mapping[str, Outcome]) -> Review:
    from settings.files.validation_cache import load_cached

    after, before = load_cached(project.directory), base.foundation(project.directory)
    known = {str(rule) for rule in before.relaxed_rules} if before is not None else set()
    return Review(
        revision=base.revision,
        commit=base.commit,
        stacks=len(project.graph),
        teams={stack.name: stack.team for stack in after.stacks if stack.team is not None},
        reasons={stack: reason for stack, reason in reasons.items() if stack in project.graph},
        outcomes=outcomes,
        removed=[stack for stack in reasons if stack not in project.graph],
        cost=CostChange.between(before, after) if before is not None else None,
        policy_files=base.changed_policy_files(project),
        relaxed=[rule for rule in project.relaxed_rules if rule not in known],
    )


def _without_preview(base: Base, error: Exception) -> Review:
    return Review(
        revision=base.revision, commit=base.commit, stacks=0, teams={}, reasons={}, outcomes={}, problems=[str(error)]
    )


def _write(text: str, output: Path | None, forge: Forge | None) -> None:
    if output is not None:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise BadInputError(f"--output: {error.strerror}: {output}") from None
    if forge is not None:
        click.echo(f"the comment is at {publish(forge, text)}", err=True)
    if output is None and forge is None:
        click.echo(text, nl=False)
