"""``plinth init``."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from selfservice.cli.answers import Question, answers
from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import ExitCode

if TYPE_CHECKING:
    from settings.organization.account import AccountSettings
    from settings.organization.contacts import Contact
    from settings.organization.organization import Organization


def _organization() -> type[Organization]:
    from settings.organization.organization import Organization

    return Organization


def _contact() -> type[Contact]:
    from settings.organization.contacts import Contact

    return Contact


def _account() -> type[AccountSettings]:
    from settings.organization.account import AccountSettings

    return AccountSettings


_QUESTIONS = (
    Question("name", "name", _organization),
    Question("owner", "owner", _organization),
    Question("email", "email", _organization),
    Question("cost-centre", "cost_centre", _organization),
    Question("home-region", "home_region", _organization),
    Question("monthly-budget-usd", "monthly_budget_usd", _organization),
    Question("management-account", "id", _account),
    Question("security-name", "name", _contact),
    Question("security-title", "title", _contact),
    Question("security-email", "email", _contact),
    Question("security-phone", "phone", _contact),
)
_CONTACT = ("name", "title", "email", "phone")


@click.command("init", cls=ExitCodeCommand)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
@click.option("--name", metavar="TEXT", help="Short name of the organization. Default: the name of the folder.")
@click.option("--owner", metavar="ADDRESS", help="Owner of the shared accounts. Default: your address in git.")
@click.option(
    "--email",
    metavar="PATTERN",
    help="Pattern of the accounts' addresses. Default: aws+{account}@ and the domain of the owner.",
)
@click.option("--cost-centre", metavar="TEXT", help="Cost centre that pays for the shared accounts.")
@click.option("--home-region", metavar="REGION", help="Default: the region of this shell (AWS_REGION).")
@click.option("--monthly-budget-usd", metavar="N", type=int, help="Monthly budget of the shared accounts.")
@click.option("--management-account", metavar="ID", help="Default: the account of this shell's credentials.")
@click.option("--security-name", metavar="TEXT", help="Security contact: a person or a desk.")
@click.option("--security-title", metavar="TEXT", help="Security contact: job title.")
@click.option("--security-email", metavar="ADDRESS", help="Security contact: address.")
@click.option("--security-phone", metavar="NUMBER", help="Security contact: phone number.")
@click.option("--phase", metavar="PHASE", help="The account kinds that exist. Default: the fewest (initial).")
@click.option("--placement", metavar="PRESET", help="The kinds that share an account. Default: none of them (large).")
@click.pass_obj
def init(directory: Path, /, *, folder: Path, phase: str | None, placement: str | None, **given: Any) -> ExitCode:
    """Write the settings of a new organization.

    The command takes what it can find out from this machine, and asks for the rest on a terminal. It writes nothing
    unless the file passes all rules.
    """
    from selfservice.authoring.new_organization import NewOrganization, create_organization

    place = directory / folder
    found = answers(_with_defaults({name.replace("_", "-"): value for name, value in given.items()}, place), _QUESTIONS)
    organization = NewOrganization(
        name=found["name"],
        email=found["email"],
        owner=found["owner"],
        cost_centre=found["cost-centre"],
        home_region=found["home-region"],
        monthly_budget_usd=found["monthly-budget-usd"],
        management_account_id=found["management-account"],
        security_contact={field: found[f"security-{field}"] for field in _CONTACT},
        phase=phase,
        placement=placement,
    )
    file = create_organization(place, organization)
    click.echo(f"{file} is written; nothing is deployed. Add teams with `plinth team add`, then run `plinth up`.")
    return ExitCode.OK


def _with_defaults(given: dict[str, Any], place: Path) -> dict[str, Any]:
    """Returns the given values, completed with what this machine knows."""
    from selfservice.engine.account_access import region_of_shell

    known = dict(given)
    known["name"] = given["name"] or _valid(place.resolve().name)
    known["owner"] = given["owner"] or _address_in_git()
    if known["owner"] and "@" in known["owner"]:
        known["email"] = given["email"] or f"aws+{{account}}@{known['owner'].rpartition('@')[2]}"
    region = region_of_shell()
    known["home-region"] = given["home-region"] or region
    known["management-account"] = given["management-account"] or _account_of_the_shell(region)
    return known


def _valid(name: str) -> str | None:
    """Returns the name if an organization may have it."""
    try:
        return str(_QUESTIONS[0].parse(name))
    except click.UsageError:
        return None


def _address_in_git() -> str | None:
    try:
        done = subprocess.run(["git", "config", "user.email"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() or None


def _account_of_the_shell(region: str | None) -> str | None:
    """Returns the account of the credentials in the environment; None without credentials."""
    if not (os.environ.get("AWS_ACCESS_KEY_ID") or os.environ.get("AWS_PROFILE")):
        return None
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return str(boto3.client("sts", region_name=region).get_caller_identity()["Account"])
    except (BotoCoreError, ClientError):
        return None
