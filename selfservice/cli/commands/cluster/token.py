"""``plinth cluster token``."""

from __future__ import annotations

import json
import os

import click

from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import BadInputError, ExitCode, NotConnectedError


@click.command("token", cls=ExitCodeCommand)
@click.option("--name", required=True, help="Name of the cluster.")
@click.option("--account", required=True, help="Id of the account of the cluster.")
@click.option("--region", required=True, help="Region of the cluster.")
@click.option("--stack", default="cluster", help="Stack that deploys into the cluster, for the name of the session.")
def token(*, name: str, account: str, region: str, stack: str) -> ExitCode:
    """Print a token for the Kubernetes cluster.

    The kubeconfig of stacks in the cluster runs this command, which prints an ExecCredential of Kubernetes. The token
    is that of the role of deployments, in read-only commands that of the role for reviews.
    """
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    from selfservice.clusters.token import cluster_token
    from selfservice.engine.account_access import Account
    from settings.types.aws.account_access import AccountAccess, session_name

    role = AccountAccess.of(os.environ).role_arn(account)
    try:
        made = cluster_token(Account(account, region, role, session_name(stack)), name)
    except NoCredentialsError as error:
        raise NotConnectedError(f"it has no credentials of AWS that may assume {role}") from error
    except (BotoCoreError, ClientError) as error:
        raise BadInputError(
            f"no token for the cluster {name}: {error}; use credentials that may assume {role}"
        ) from None
    click.echo(json.dumps(made.as_credential()))
    return ExitCode.OK
