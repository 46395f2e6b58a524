"""Operations on connections outside their API: the handshake with a provider, and pushes to its repositories.

The fallback store answers the API itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome, request_of
from plinth_sandbox.emulator.message import Answer, Request
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.codebuild.executor import webhooks
from plinth_sandbox.emulator.services.codeconnections.executor.provider import connect, named, reaching

OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {}


def request(runtime: Runtime, said: Mapping[str, Any]) -> Request:
    """Returns the call that records a handshake (``connection``, ``root``) or a push (``repository``, ``changes``).

    Raises: AwsError for an unknown connection, or a root that is no folder.
    """
    if "connection" in said:
        record = named(runtime, str(said["connection"]))
        if not Path(said["root"]).is_dir():
            raise AwsError("ValidationException", f"{said['root']} is not a folder")
        return _request(record.arn, record.place.account, record.place.region, {"root": said["root"]})
    folder = str(said["repository"])
    reached = reaching(runtime, Path(folder))
    if not reached:
        raise AwsError("ResourceNotFoundException", f"No connection reaches {folder}")
    place = named(runtime, reached[0][0]).place
    return _request(folder, place.account, place.region, {"changes": said["changes"]})


def _request(run: str, account: str, region: str, left: Mapping[str, Any]) -> Request:
    return request_of(Outcome("codeconnections", run, account, region, "SUCCEEDED", "", 0, left))


def record_outcome(outcome: Outcome, runtime: Runtime) -> None:
    """Completes a connection, or starts the builds of a push."""
    if "root" in outcome.left:
        connect(runtime, outcome.run, str(outcome.left["root"]))
        return
    for arn, repository in reaching(runtime, Path(outcome.run)):
        for old, new, reference in outcome.left["changes"]:
            webhooks.pushed(runtime, webhooks.Push(arn, repository, reference, old, new))
