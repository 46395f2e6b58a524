"""The person whose credentials the shell has, and the table in their account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from selfservice.engine.account_access import DENIED, region_of_shell
from selfservice.errors import BadInputError, NotConnectedError, RefusedError
from selfservice.requests.request_table import RequestTable


@dataclass(frozen=True, kw_only=True, slots=True)
class Permissions:
    """How error messages name what a person needs."""

    only: str
    """The beginning of a sentence that says who may do it."""
    table: str
    sign_in: str


LEAD_DATA_SCIENTISTS = Permissions(
    only="only a lead data scientist may do this, for the own team and under the own name",
    table="table of requests",
    sign_in="sign in with the permission set LeadScientist-tooling of the tooling account",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """A session of a role in one account."""

    user: str
    """Name of the session, which is the name of the user in Identity Center. IAM refuses requests under another."""
    account_id: str
    dynamodb: Any
    """Client of DynamoDB with the credentials of the session."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Requester:
    """A lead data scientist, with the table of the account in which they are."""

    user: str
    account_id: str
    table: RequestTable


def current_requester(region: str | None, session: Callable[..., Any] | None = None) -> Requester:
    """Returns the lead data scientist of the current credentials. ``region`` is that of the settings, if there are any.

    Raises: BadInputError if there are no credentials of a role, or no region.
    """
    person = current_person(region, LEAD_DATA_SCIENTISTS, session)
    return Requester(user=person.user, account_id=person.account_id, table=RequestTable(person.dynamodb))


def current_person(region: str | None, permissions: Permissions, session: Callable[..., Any] | None = None) -> Person:
    """Returns the person of the current credentials. ``region`` is that of the settings, if there are any.

    Raises: BadInputError if there are no credentials of a role, or no region.
    """
    import boto3  # takes half a second, and few commands need it

    found = (session or boto3.Session)(region_name=region or region_of_shell())
    if found.region_name is None:
        raise BadInputError("no region: set AWS_REGION to the home region of the organization")
    with explained(permissions):
        identity = found.client("sts").get_caller_identity()
    kind, _, rest = str(identity["Arn"]).rpartition(":")[2].partition("/")
    if kind != "assumed-role":
        raise BadInputError(f"the credentials belong to {identity['Arn']}, not to a person: {permissions.sign_in}")
    return Person(user=rest.rpartition("/")[2], account_id=identity["Account"], dynamodb=found.client("dynamodb"))


@contextmanager
def explained(permissions: Permissions = LEAD_DATA_SCIENTISTS) -> Iterator[None]:
    """Explains errors of AWS: missing credentials, missing permissions and a missing table.

    Raises: BadInputError, RefusedError.
    """
    from botocore.exceptions import ClientError, NoCredentialsError

    sign_in = permissions.sign_in
    try:
        yield
    except NoCredentialsError as error:
        raise NotConnectedError(f"it has no credentials of AWS ({sign_in})") from error
    except ClientError as error:
        answer = error.response["Error"]
        if answer["Code"] in DENIED:
            raise RefusedError(f"{permissions.only}: {answer.get('Message', answer['Code'])}") from error
        if answer["Code"] == "ResourceNotFoundException":
            raise BadInputError(f"the account of these credentials has no {permissions.table}: {sign_in}") from error
        if answer["Code"] in ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId"):
            raise BadInputError(f"the credentials have expired: {sign_in}") from error
        raise
