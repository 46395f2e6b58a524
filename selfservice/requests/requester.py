"""The person whose credentials the shell has, and the table in their account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from selfservice.errors import BadInputError, RefusedError
from selfservice.requests.request_table import RequestTable

_DENIED = ("AccessDenied", "AccessDeniedException")
_SIGN_IN = "sign in with the permission set LeadScientist-tooling of the tooling account"


@dataclass(frozen=True, kw_only=True, slots=True)
class Requester:
    """A session of a role, with the table of the account in which it is."""

    user: str
    """Name of the session, which is the name of the user in Identity Center. IAM refuses requests under another."""
    account_id: str
    table: RequestTable


def current_requester(region: str | None, session: Callable[..., Any] | None = None) -> Requester:
    """Returns the person of the current credentials. ``region`` is that of the settings, if there are any.

    Raises: BadInputError if there are no credentials of a role, or no region.
    """
    import boto3  # takes half a second, and few commands need it

    found = (session or boto3.Session)(region_name=region)
    if found.region_name is None:
        raise BadInputError("no region: set AWS_REGION to the home region of the organization")
    with explained():
        identity = found.client("sts").get_caller_identity()
    kind, _, rest = str(identity["Arn"]).rpartition(":")[2].partition("/")
    if kind != "assumed-role":
        raise BadInputError(f"the credentials belong to {identity['Arn']}, not to a person: {_SIGN_IN}")
    return Requester(
        user=rest.rpartition("/")[2],
        account_id=identity["Account"],
        table=RequestTable(found.client("dynamodb")),
    )


@contextmanager
def explained() -> Iterator[None]:
    """Explains errors of AWS: missing credentials, missing permissions and a missing table.

    Raises: BadInputError, RefusedError.
    """
    from botocore.exceptions import ClientError, NoCredentialsError

    try:
        yield
    except NoCredentialsError as error:
        raise BadInputError(f"this shell has no credentials of AWS: {_SIGN_IN}") from error
    except ClientError as error:
        answer = error.response["Error"]
        if answer["Code"] in _DENIED:
            raise RefusedError(
                "only a lead data scientist may do this, for the own team and under the own name: "
                f"{answer.get('Message', answer['Code'])}"
            ) from error
        if answer["Code"] == "ResourceNotFoundException":
            raise BadInputError(f"the account of these credentials has no table of requests: {_SIGN_IN}") from error
        if answer["Code"] in ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId"):
            raise BadInputError(f"the credentials have expired: {_SIGN_IN}") from error
        raise
