"""Answers events of EventBridge that ask for predictions, with an event.

The detail of an event is the same as the body of a request to the API: ``{"instances": [{column: value}]}``. The detail
of its answer has the id of the event as ``request``, the ``version`` of the contract, and the ``predictions``. An event
that cannot be answered fails: Lambda runs it twice more, and then sends it to the dead-letter queue. So do events while
predictions are stopped.
"""

from __future__ import annotations

import functools
import json
import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from predict.contract import ANSWERED, faults
from predict.handler import READ_TIMEOUT_SECONDS, Predictor, RefusedError, refuse_if_stopped
from predict.switch import switch_of_environment

_LOG = logging.getLogger("predict")


class UnansweredError(Exception):
    """An event that gets no predictions, with the reasons. They contain no values of the event."""


@dataclass(frozen=True, kw_only=True)
class Answerer:
    """Answers events with the predictions of an endpoint."""

    predictor: Predictor
    bus: Any
    """Client of EventBridge."""
    source: str
    """Source of the answers."""

    def answer(self, event: Mapping[str, Any]) -> None:
        """Sends the answer to an event, and logs it without its content. Raises UnansweredError."""
        started = time.monotonic()
        log: dict[str, Any] = {"event_id": event.get("id"), "endpoint": self.predictor.endpoint}
        try:
            self._send(event, self._predictions(event, log))
        except RefusedError as error:
            log["errors"] = list(error.reasons)
            raise UnansweredError("; ".join(error.reasons)) from None
        finally:
            log["milliseconds"] = round((time.monotonic() - started) * 1000)
            _LOG.log(logging.ERROR if "errors" in log else logging.INFO, json.dumps(log))

    def _predictions(self, event: Mapping[str, Any], log: dict[str, Any]) -> list[float]:
        refuse_if_stopped(self.predictor.switch, {})
        detail: Any = event.get("detail")
        if found := faults(detail, self.predictor.contract.request):
            raise RefusedError(400, *found)
        log["rows"] = len(detail["instances"])
        return self.predictor.predictions(detail["instances"], log, str(event.get("id", "")))

    def _send(self, event: Mapping[str, Any], predictions: list[float]) -> None:
        detail = {"request": event["id"], "version": self.predictor.contract.version, "predictions": predictions}
        entry = {"Source": self.source, "DetailType": ANSWERED, "Detail": json.dumps(detail)}
        found = self.bus.put_events(Entries=[entry])
        if found["FailedEntryCount"]:
            raise RefusedError(503, f"the answer was not accepted: {found['Entries'][0].get('ErrorCode')}")


def handle(event: Mapping[str, Any], _context: object) -> None:
    """Entry point of the function: ``predict.events.handle``."""
    _answerer().answer(event)


@functools.cache
def _answerer() -> Answerer:
    """Returns the answerer of the endpoint in ENDPOINT_NAME, whose events have the source EVENT_SOURCE."""
    _LOG.setLevel(logging.INFO)
    once = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=READ_TIMEOUT_SECONDS)
    return Answerer(
        predictor=Predictor(
            runtime=boto3.client("sagemaker-runtime", config=once),
            endpoint=os.environ["ENDPOINT_NAME"],
            switch=switch_of_environment(),
        ),
        bus=boto3.client("events", config=Config(connect_timeout=2, read_timeout=5)),
        source=os.environ["EVENT_SOURCE"],
    )
