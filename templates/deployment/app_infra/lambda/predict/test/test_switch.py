"""The switch that stops predictions, and what callers get meanwhile."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from predict.asynchronous import Desk
from predict.contract import read_contract
from predict.events import Answerer, UnansweredError
from predict.handler import Predictor
from predict.switch import SECONDS, Switch, switch_of_environment

TESTER = "arn:aws:iam::111122223333:role/plinth/fraud--scoring-prod-release"
TEST = "arn:aws:sts::111122223333:assumed-role/fraud--scoring-prod-release/tests"
ROW = dict.fromkeys(read_contract().columns, 1)
OFF = {"state": "off", "reason": "prices in cents"}


class Bucket:
    """A bucket with one object, or an error."""

    def __init__(self, content: Any) -> None:
        self.content, self.reads = content, 0

    def get_object(self, **_: str) -> dict[str, Any]:
        self.reads += 1
        if isinstance(self.content, Exception):
            raise self.content
        body = self.content if isinstance(self.content, bytes) else json.dumps(self.content).encode()
        return {"Body": io.BytesIO(body)}


class Client:
    """Clients of services that answer with a prediction, and count what reaches them."""

    def __init__(self) -> None:
        self.asked = 0

    def invoke_endpoint(self, **_: Any) -> dict[str, Any]:
        self.asked += 1
        return {"Body": io.BytesIO(b'{"predictions": [0.5]}')}


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}}, "GetObject")


def switch(content: Any) -> tuple[Switch, Bucket, list[float]]:
    """Returns a switch, its bucket, and the time, which a test moves."""
    bucket, time = Bucket(content), [100.0]
    return Switch(store=bucket, bucket="ml", key="k", tester=TESTER, clock=lambda: time[0]), bucket, time


def answered(found: Switch | None, caller: str = "arn:aws:sts::1:assumed-role/app/1") -> dict[str, Any]:
    event = {"body": json.dumps({"instances": [ROW]}), "requestContext": {"identity": {"userArn": caller}}}
    return Predictor(runtime=Client(), endpoint="scoring", switch=found).answer(event)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (OFF, "prices in cents"),
        ({"state": "off"}, "without a reason"),
        ({"state": "paused", "reason": "x"}, "x"),
        (b"\xff", "the switch cannot be read"),
        ([], "the switch cannot be read"),
        ({"state": "on", "reason": "repaired"}, ""),
        (refused("NoSuchKey"), ""),
        (refused("AccessDenied"), ""),
        (EndpointConnectionError(endpoint_url="https://s3"), ""),
    ],
)
def test_predictions_are_stopped_by_any_state_but_on(content: Any, reason: str) -> None:
    assert switch(content)[0].reason() == reason


def test_a_stopped_request_gets_the_reason_and_does_not_reach_the_model() -> None:
    found = answered(switch(OFF)[0])
    assert (found["statusCode"], found["headers"]["Retry-After"]) == (503, "300")
    assert json.loads(found["body"])["errors"] == ["predictions are stopped: prices in cents"]


def test_the_tests_of_a_promotion_are_answered_while_predictions_are_stopped() -> None:
    found, bucket, _ = switch(OFF)
    assert answered(found, TEST)["statusCode"] == 200
    assert bucket.reads == 0
    for other in ("", TEST.replace("release", "released"), TEST.replace("1111", "9999"), TESTER):
        assert answered(found, other)["statusCode"] == 503
    assert answered(Switch(store=Bucket(OFF), bucket="ml", key="k"), "x")["statusCode"] == 503


def test_the_state_is_read_again_after_some_seconds_and_stays_if_it_cannot_be_read() -> None:
    found, bucket, time = switch({"state": "on"})
    assert [found.reason(), found.reason()] == ["", ""]
    bucket.content = OFF
    assert (found.reason(), bucket.reads) == ("", 1)
    time[0] += SECONDS
    assert found.reason() == "prices in cents"
    bucket.content = refused("SlowDown")
    time[0] += SECONDS
    assert found.reason() == "prices in cents"
    bucket.content = refused("NoSuchKey")
    time[0] += SECONDS
    assert (found.reason(), bucket.reads) == ("", 4)


def test_events_and_stored_requests_are_stopped_too() -> None:
    found, client = switch(OFF)[0], Client()
    predictor = Predictor(runtime=client, endpoint="scoring", switch=found)
    with pytest.raises(UnansweredError, match="predictions are stopped: prices in cents"):
        Answerer(predictor=predictor, bus=client, source="s").answer({"id": "1", "detail": {"instances": [ROW]}})
    desk = Desk(runtime=client, store=client, endpoint="scoring", bucket="ml", folder="f", switch=found)
    stopped = desk.answer({"httpMethod": "POST", "body": json.dumps({"instances": [ROW]})})
    assert (stopped["statusCode"], client.asked) == (503, 0)


def test_a_function_without_a_switch_predicts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SWITCH", raising=False)
    assert switch_of_environment() is None
    assert answered(None)["statusCode"] == 200
    for name, value in {"SWITCH": "k", "BUCKET": "ml", "TESTER": TESTER}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("predict.switch.boto3.client", lambda *_, **__: Bucket(OFF))
    found = switch_of_environment()
    assert found is not None
    assert (found.bucket, found.key, found.tester, found.reason()) == ("ml", "k", TESTER, "prices in cents")
