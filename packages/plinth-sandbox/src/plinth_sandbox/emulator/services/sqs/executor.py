"""The operations of SQS that depend on the clock of the sandbox: a name is free again 60 seconds after its queue was
deleted (SQS API, CreateQueue and DeleteQueue; read 2026-11-26). Moving the clock ends the wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from moto.sqs.models import sqs_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange

_RESERVED = timedelta(seconds=60)


def _deleted(call: Call, runtime: Runtime) -> dict[str, datetime]:
    """Returns the times of the deletions in an account and region by the name of the queue."""
    times: dict[str, datetime] = runtime.memory.notes("sqs-deleted", call.account, call.region)
    return times


def _create(exchange: Exchange, runtime: Runtime) -> Answer:
    name = str(exchange.call.parameters["QueueName"])
    deleted = _deleted(exchange.call, runtime).get(name)
    if deleted is not None and runtime.clock.now() < deleted + _RESERVED:
        message = "You must wait 60 seconds after deleting a queue before you can create another with the same name."
        raise AwsError("QueueDeletedRecently", message)
    return exchange.below()


def _delete(exchange: Exchange, runtime: Runtime) -> Answer:
    call = exchange.call
    name = str(call.parameters["QueueUrl"]).rpartition("/")[2]
    existed = name in sqs_backends[call.account][call.region].queues
    answer = exchange.below()
    if answer.succeeded and existed:
        _deleted(call, runtime)[name] = runtime.clock.now()
    return answer


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {"CreateQueue": _create, "DeleteQueue": _delete}
