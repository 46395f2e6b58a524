"""Reads log streams of CloudWatch Logs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import click

from selfservice.engine.account_access import DENIED, Account
from selfservice.errors import RefusedError
from settings.types.redaction import code_point

_ABSENT = "ResourceNotFoundException"


@dataclass(frozen=True, kw_only=True, slots=True)
class Log:
    """A log stream."""

    account: Account
    group: str
    stream: str
    readers: str
    """Permission sets that may read it, for messages."""


@dataclass(frozen=True, slots=True)
class Event:
    """A line of a log."""

    id: str
    text: str
    """The line without colours, with control characters escaped."""


def events_of(log: Log) -> Iterator[Event]:
    """Yields the lines of a log, the oldest first. A stream that does not exist yet has none.

    Raises: RefusedError if the credentials may not read it.
    """
    from botocore.exceptions import ClientError  # imported here, because few reports call AWS

    asked = {"logGroupName": log.group, "logStreamNames": [log.stream], "interleaved": True}
    try:
        for event in log.account.every("logs", "filter_log_events", "events", **asked):
            yield Event(id=str(event["eventId"]), text=_printable(str(event["message"])))
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in DENIED:
            raise RefusedError(
                f"these credentials may not read the log {log.group} of the account {log.account.id}; sign in with the "
                f"permission set {log.readers}"
            ) from error
        if code != _ABSENT:
            raise


def streams_of(account: Account, group: str, prefix: str, readers: str) -> list[Log]:
    """Returns the streams of a log group whose names begin with ``prefix``.

    Raises: RefusedError if the credentials may not list them.
    """
    from botocore.exceptions import ClientError

    asked = {"logGroupName": group, "logStreamNamePrefix": prefix}
    try:
        found = [
            str(log_stream["logStreamName"])
            for log_stream in account.every("logs", "describe_log_streams", "logStreams", **asked)
        ]
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == _ABSENT:
            return []
        if code not in DENIED:
            raise
        raise RefusedError(
            f"these credentials may not see the logs {group} of the account {account.id}; sign in with the permission "
            f"set {readers}"
        ) from error
    return [Log(account=account, group=group, stream=stream, readers=readers) for stream in sorted(found)]


def _printable(message: str) -> str:
    """Returns a message that cannot move the cursor or hide text. Tabs and characters of any language stay."""
    plain = click.unstyle(message.rstrip("\r\n"))
    return "".join(
        character if character.isprintable() or character == "\t" else code_point(character) for character in plain
    )
