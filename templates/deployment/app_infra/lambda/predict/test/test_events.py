"""The function between events and the endpoint."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from predict.contract import ANSWERED, read_contract
from predict.events import Answerer, UnansweredError
from predict.handler import Predictor

CONTRACT = read_contract()
ROW = {
    name: "a" if schema["type"] == "string" else schema.get("minimum", 1) for name, schema in CONTRACT.columns.items()
}


class Runtime:
    """An endpoint that predicts 0.5 for each row. It captures requests under their ids."""

    def invoke_endpoint(self, *, Body: bytes, InferenceId: str, **_: str) -> dict[str, Any]:  # noqa: N803 (AWS's name)
        assert InferenceId == "e-1"
        rows = json.loads(Body)["instances"]
        return {"Body": io.BytesIO(json.dumps({"predictions": [0.5] * len(rows)}).encode())}


class Bus:
    """An event bus that accepts or refuses all entries."""

    def __init__(self, error: str = "") -> None:
        self.entries: list[dict[str, Any]] = []
        self.error = error

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 (AWS's name)
        self.entries += Entries
        told = [{"ErrorCode": self.error} if self.error else {"EventId": "1"} for _ in Entries]
        return {"FailedEntryCount": len(Entries) if self.error else 0, "Entries": told}


def answerer(bus: Bus) -> Answerer:
    return Answerer(predictor=Predictor(runtime=Runtime(), endpoint="scoring"), bus=bus, source="fraud.scoring")


def event(detail: object) -> dict[str, Any]:
    return {"id": "e-1", "source": "fraud.scoring", "detail-type": "Prediction Requested", "detail": detail}


def test_the_answer_names_its_request(caplog: pytest.LogCaptureFixture) -> None:
    bus = Bus()
    with caplog.at_level("INFO", logger="predict"):
        answerer(bus).answer(event({"instances": [ROW, ROW]}))
    (entry,) = bus.entries
    assert (entry["Source"], entry["DetailType"]) == ("fraud.scoring", ANSWERED)
    assert json.loads(entry["Detail"]) == {
        "request": "e-1",
        "version": CONTRACT.version,
        "predictions": [0.5, 0.5],
    }
    logged = json.loads(caplog.messages[-1])
    assert (logged["event_id"], logged["rows"]) == ("e-1", 2)


@pytest.mark.parametrize("detail", [None, [], {}, {"instances": [{**ROW, next(iter(ROW)): "secret"}]}])
def test_an_event_that_breaks_the_contract_fails_and_is_not_quoted(detail: object) -> None:
    bus = Bus()
    with pytest.raises(UnansweredError, match="body") as error:
        answerer(bus).answer(event(detail))
    assert "secret" not in str(error.value)
    assert bus.entries == []


def test_an_answer_that_the_bus_refuses_fails_the_event() -> None:
    with pytest.raises(UnansweredError, match="ThrottlingException"):
        answerer(Bus("ThrottlingException")).answer(event({"instances": [ROW]}))
