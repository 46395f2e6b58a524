"""Long polling of SQS. It waits outside the emulator's lock, so that a waiting consumer does not block other calls."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.message import Answer, Request

LOOK_SECONDS = 0.2

Answerer = Callable[[Request], Answer]


def with_long_polling(answer: Answerer) -> Answerer:
    """Wraps ``answer``: repeats a receive request until there are messages or its wait time has passed."""

    def ask(request: Request) -> Answer:
        until = time.monotonic() + _requested_wait_seconds(request)
        while True:
            answered = answer(request)
            if not answered.succeeded or b'"Messages"' in answered.body or time.monotonic() >= until:
                return answered
            time.sleep(LOOK_SECONDS)

    return ask


def _requested_wait_seconds(request: Request) -> float:
    if request.header("x-amz-target") != "AmazonSQS.ReceiveMessage":
        return 0
    return float(json.loads(request.body).get("WaitTimeSeconds", 0))


def finds_nothing(call: Call) -> bool:
    """Returns whether a receive request finds an empty queue. It then changes nothing and is not recorded in the
    journal."""
    if (call.service, call.name) != ("sqs", "ReceiveMessage"):
        return False
    from moto.sqs.models import sqs_backends

    queues = sqs_backends[call.account][call.region].queues
    queue = queues.get(str(call.parameters.get("QueueUrl", "")).rpartition("/")[2])
    return queue is not None and not queue._messages
