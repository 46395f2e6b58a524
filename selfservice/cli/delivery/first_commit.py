"""Deploys the stack of a use case, and generates and pushes its build repository."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from selfservice.cli.delivery.watch import watch
from selfservice.cli.operate import Request, operate
from selfservice.engine import outputs as stack_outputs
from selfservice.engine.account_access import Account
from selfservice.errors import ExitCode
from selfservice.reports import delivery
from selfservice.runner.operation import Action
from selfservice.runner.project import Project, open_project, require_engine
from selfservice.runner.selection import Selection
from selfservice.runner.states import deployments_by_stack
from selfservice.use_cases.answers import foundation_answers
from selfservice.use_cases.git import require_git
from selfservice.use_cases.repository import Repository, generate, refuse_other_content
from selfservice.use_cases.template import source_of
from settings.derived.stack_graph import StackIdentity

_PARALLEL = 16
_EXTENDED = ("tooling", "governance")
"""Stacks that get resources of deliveries with the first use case: the artifact bucket, and endpoints for builds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstCommit:
    """The arguments of the command."""

    stack: str
    folder: Path
    template: str
    version: str | None
    answers: Mapping[str, str]

    def refuse_what_cannot_work(self, directory: Path) -> None:
        """Raises BadInputError for wrong arguments and missing programs, before anything is changed."""
        require_engine(directory)
        require_git()
        source_of(self.template, open_project(directory))
        refuse_other_content(self.folder, self.stack)


def created(directory: Path, first: FirstCommit, *, confirmed: bool, wait: bool) -> ExitCode:
    """Brings up what is missing, in order. Each part that exists is left as it is."""
    project = open_project(directory)
    missing = _undeployed(project, first.stack)
    if missing:
        done = operate(directory, _deployment(missing, confirmed=confirmed))
        if done is not ExitCode.OK:
            return done
    else:
        click.echo(f"The stack {first.stack} is deployed already.")
    place = delivery.place_of(project, first.stack)
    pushed = _push(project, first, place.tooling)
    status = watch(place, expects_build=True) if pushed and wait else ExitCode.OK
    click.echo(_next(first))
    return status


def _push(project: Project, first: FirstCommit, tooling: Account) -> bool:
    """Generates the project and pushes it, unless the repository has branches. Returns whether it did."""
    outputs = stack_outputs.read(project, first.stack, show_secrets=False)
    repository = Repository(url=outputs["clone_urls"]["build"], account=tooling)
    if branches := repository.branches(project.directory):
        click.echo(f"{repository.url} has branches already ({', '.join(branches)}), so nothing is pushed.")
        return False
    generate(first.folder, source_of(first.template, project), first.version, _answers(project, first))
    commit = repository.push(first.folder, {"user.name": "plinth", "user.email": _owner(project, first.stack)})
    click.echo(f"{first.folder} is the build repository. Its first commit {commit[:7]} is pushed to main.")
    return True


def _undeployed(project: Project, stack: str) -> tuple[str, ...]:
    """Returns the stacks to deploy: none if that of the use case has outputs."""
    deployed = deployments_by_stack(project, [stack, *_EXTENDED])
    if _outputs(deployed[stack]):
        return ()
    delivers = _outputs(deployed["tooling"]).get("artifact_bucket")
    return (stack,) if delivers else (*(one for one in _EXTENDED if one in project.graph), stack)


def _outputs(deployment: Mapping[str, Any]) -> Mapping[str, Any]:
    resources = deployment.get("resources") or ()
    return next((one.get("outputs") or {} for one in resources if one["type"] == "pulumi:pulumi:Stack"), {})


def _deployment(stacks: tuple[str, ...], *, confirmed: bool) -> Request:
    return Request(
        action=Action.UP,
        selection=Selection(stacks=stacks),
        with_needs=True,
        refresh=True,
        confirmed=confirmed,
        jobs=None,
        parallel=_PARALLEL,
        as_json=False,
    )


def _answers(project: Project, first: FirstCommit) -> dict[str, Any]:
    data = StackIdentity("data", first.stack.partition("--")[0]).name
    workgroups = _outputs(deployments_by_stack(project, [data])[data]).get("workgroups", {})
    found = foundation_answers(
        first.stack, lambda stack: stack_outputs.read(project, stack, show_secrets=False), workgroups
    )
    return {**found, **first.answers}


def _owner(project: Project, stack: str) -> str:
    from settings.files.validation_cache import load_cached

    return load_cached(project.directory).teams[stack.partition("--")[0]].owner


def _next(first: FirstCommit) -> str:
    return "\n".join(
        (
            "Next:",
            f"  plinth runs {first.stack} --watch   follow the build and the run until a model is registered",
            f"  plinth models {first.stack}         list the model versions and their approval status",
            f"  cd {first.folder}",
            "  git switch --create feature/mine     then edit ml_pipelines/training/input.json and push the branch",
        )
    )
