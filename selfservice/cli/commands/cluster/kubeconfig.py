"""``plinth cluster kubeconfig``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import BadInputError, ExitCode

_STACK = "tooling-cluster"
_SESSION = "kubectl"


@click.command("kubeconfig", cls=ProjectCommand)
@click.pass_obj
def kubeconfig(directory: Path, /) -> ExitCode:
    """Print a kubeconfig for kubectl and other clients.

    It contains no credentials: clients run `plinth cluster token`, with those of their shell.
    """
    from selfservice.engine.backend import outputs_in
    from selfservice.projects.project import open_project, require_engine
    from selfservice.projects.states import deployments_by_stack
    from settings.types.aws import cluster_access

    project = open_project(directory)
    require_engine(project.directory)
    known = outputs_in(deployments_by_stack(project, [_STACK])[_STACK])
    if not known:
        raise BadInputError(f"there is no cluster: set tooling_cluster in Pulumi.yaml, and run `plinth up {_STACK}`")
    click.echo(
        cluster_access.kubeconfig(
            _SESSION,
            known["region"],
            known["cluster_name"],
            known["account_id"],
            known["endpoint"],
            known["certificate_authority"],
        )
    )
    return ExitCode.OK
