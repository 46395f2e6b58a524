"""Looks up the people of a request in the directory, with the credentials of the person who writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from selfservice.engine.account_access import Account, SharedSession, region_of_shell
from selfservice.engine.people_directory import PeopleDirectory
from settings.types.aws.account_access import DIRECTORY_READER, role_arn

UNKNOWN = "is not a user name of the directory of IAM Identity Center"
REMEDY = "write it as in the directory, or ask its administrators to add the person first"


class LookUpError(Exception):
    """The directory did not answer. The runner looks people up again, so a request does not depend on it."""


def unknown_people(
    region: str | None, names: Iterable[str], open_session: Callable[..., Any] | None = None
) -> frozenset[str]:
    """Returns those of the names that the directory does not have. Asks nothing without names.

    ``region`` is that of the settings, if there are any. ``open_session`` opens a session of boto3; None opens one with
    the credentials of the shell. The credentials enter the role of the management account that looks up user names;
    members of an organization know the account by ``DescribeOrganization``.

    Raises: LookUpError with the reason, for example if the role is not deployed.
    """
    wanted = sorted(set(names))
    if not wanted:
        return frozenset()
    import boto3  # takes half a second, and few requests name people
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        session = (open_session or boto3.Session)(region_name=region or region_of_shell())
        management = session.client("organizations").describe_organization()["Organization"]["MasterAccountId"]
        role = Account(management, session.region_name, role_arn(management, DIRECTORY_READER), "plinth-request")
        (account,) = role.in_regions([session.region_name], SharedSession(session.region_name, session))
        directory = PeopleDirectory.of(account)
        return frozenset() if directory is None else directory.unknown(wanted)
    except (BotoCoreError, ClientError) as error:
        raise LookUpError(str(error)) from error
