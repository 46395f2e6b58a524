"""``plinth cluster``: the group and the list of its commands."""

from __future__ import annotations

import click

from selfservice.cli.lazy_group import LazyCommand, LazyGroup

_MODULES = "selfservice.cli.commands.cluster"
_COMMANDS = {
    "kubeconfig": LazyCommand(f"{_MODULES}.kubeconfig:kubeconfig", "Print a kubeconfig for kubectl and other clients."),
    "token": LazyCommand(f"{_MODULES}.token:token", "Print a token for the Kubernetes cluster."),
}


@click.group("cluster", cls=LazyGroup, lazy_commands=_COMMANDS)
def cluster() -> None:
    """Enter the Kubernetes cluster of the tooling account."""
