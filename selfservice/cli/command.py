"""The entry point of the command line: the global options and the list of commands.

``plinth --help`` needs only this module, click and the plugins' entry points.
"""

from __future__ import annotations

from functools import partial
from importlib.metadata import version
from pathlib import Path

import click

from selfservice.cli.lazy_group import LazyCommand, LazyGroup

PLUGINS = "plinth.commands"
"""Entry point group in which other distributions register a command, each a click command."""

REGION = "aws_region"
"""Key of click's ``Context.meta`` under which plugins find a function that returns the home region, or None."""

EXIT_CODES = """\b
Exit codes:
  0    success
  1    a stack failed
  2    wrong settings or arguments; nothing was changed
  3    refused by a policy or a protection
  4    drift, or changes that --expect-no-changes found
  130  interrupted
"""

_MODULES = "selfservice.cli.commands"
_COMMANDS = {
    "affected": LazyCommand(
        f"{_MODULES}.affected:affected", "List the stacks affected by changes since a git revision."
    ),
    "approve": LazyCommand(f"{_MODULES}.delivery.approve:approve", "Approve a promotion or a model version."),
    "assess": LazyCommand(f"{_MODULES}.assess:assess", "Score what is deployed against the phases of the foundation."),
    "audit": LazyCommand(f"{_MODULES}.audit.group:audit", "Ask who did what in the accounts of the organization."),
    "builds": LazyCommand(f"{_MODULES}.delivery.builds:builds", "List the builds of a use case, or retry one."),
    "catalog": LazyCommand(
        f"{_MODULES}.catalog.group:catalog", "Find teams by account or owner, and rebuild the team catalog."
    ),
    "cluster": LazyCommand(f"{_MODULES}.cluster.group:cluster", "Enter the Kubernetes cluster of the tooling account."),
    "completion": LazyCommand(
        f"{_MODULES}.machine.completion:completion", "Print the script that completes commands in a shell."
    ),
    "cost": LazyCommand(f"{_MODULES}.cost:cost", "Print the fixed monthly cost of the organization."),
    "curate": LazyCommand(
        f"{_MODULES}.delivery.curate:curate", "Write captured requests into a dataset, for training."
    ),
    "data": LazyCommand(f"{_MODULES}.data.group:data", "Show datasets, their lineage and who can read them."),
    "destroy": LazyCommand(f"{_MODULES}.destroy:destroy", "Delete the resources of stacks."),
    "doctor": LazyCommand(f"{_MODULES}.machine.doctor:doctor", "Check the set-up of this machine."),
    "drift": LazyCommand(f"{_MODULES}.drift:drift", "Show what somebody changed or added in AWS."),
    "graph": LazyCommand(f"{_MODULES}.graph:graph", "Print the stacks of the settings and their dependencies."),
    "ground-truth": LazyCommand(
        f"{_MODULES}.delivery.ground_truth:ground_truth", "Upload what really happened after predictions."
    ),
    "init": LazyCommand(f"{_MODULES}.init:init", "Write the settings of a new organization."),
    "lineage": LazyCommand(
        f"{_MODULES}.lineage:lineage", "Show where a model comes from, and what a dataset is used for."
    ),
    "logs": LazyCommand(f"{_MODULES}.delivery.logs:logs", "Show why a build, run or promotion failed."),
    "models": LazyCommand(f"{_MODULES}.delivery.models:models", "List model versions with their metrics."),
    "monitor": LazyCommand(f"{_MODULES}.delivery.monitor:monitor", "Show what monitoring says of a released model."),
    "outputs": LazyCommand(f"{_MODULES}.outputs:outputs", "Print the outputs of a stack."),
    "packages": LazyCommand(f"{_MODULES}.packages.group:packages", "Publish the library, and allow packages."),
    "portal": LazyCommand(f"{_MODULES}.machine.portal:portal", "Serve the portal: self-service in a browser."),
    "predict": LazyCommand(f"{_MODULES}.delivery.predict:predict", "Request predictions of a released model."),
    "preview": LazyCommand(f"{_MODULES}.preview:preview", "Preview the changes that `up` would make."),
    "promote": LazyCommand(f"{_MODULES}.delivery.promote:promote", "Promote a model version of a use case."),
    "promotions": LazyCommand(f"{_MODULES}.delivery.promotions:promotions", "List the promotions of use cases."),
    "requests": LazyCommand(f"{_MODULES}.requests.group:requests", "List, approve and run requests."),
    "review": LazyCommand(f"{_MODULES}.review:review", "Preview a pull request and write a comment about it."),
    "rollback": LazyCommand(f"{_MODULES}.delivery.rollback:rollback", "Return an environment to an earlier promotion."),
    "runs": LazyCommand(f"{_MODULES}.delivery.runs:runs", "List the pipeline runs of a use case."),
    "status": LazyCommand(f"{_MODULES}.status:status", "Show what is deployed, and what needs attention."),
    "switch": LazyCommand(f"{_MODULES}.delivery.switch:switch", "Stop the predictions of a use case, or allow them."),
    "team": LazyCommand(f"{_MODULES}.team.group:team", "Add, request and remove teams."),
    "train": LazyCommand(
        f"{_MODULES}.delivery.train:train", "Train the model of a use case again, or repeat a training."
    ),
    "up": LazyCommand(f"{_MODULES}.up:up", "Create or update stacks."),
    "upgrade": LazyCommand(f"{_MODULES}.team.upgrade:upgrade", "Bring teams to the installed version."),
    "usecase": LazyCommand(f"{_MODULES}.usecase.group:usecase", "Create, request, clone, show and retire use cases."),
}


def _show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        click.echo(f"plinth {version('plinth')}")
        context.exit()


@click.group(
    cls=LazyGroup,
    lazy_commands=_COMMANDS,
    plugins=PLUGINS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)
@click.option(
    "-C",
    "--cwd",
    "directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="Use the project in this directory. Default: the nearest Pulumi.yaml in the current directory or its parents.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
@click.pass_context
def main(context: click.Context, directory: Path) -> None:
    """Deploy, inspect and remove an MLOps foundation on AWS."""
    context.obj = directory
    context.meta[REGION] = partial(_home_region, directory)


def _home_region(directory: Path) -> str | None:
    from selfservice.projects.project import home_region  # plugins rarely ask for it

    return home_region(directory)
