"""`plinth switch`: what it writes is what the function and the job of monitoring read."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner, Result

from plinth_project.monitoring.effects.switch import Switch
from selfservice.cli.command import main
from selfservice.engine.account_access import Account
from selfservice.promotions.monitoring.places import MonitorPlace
from settings.data.ml_layout import PredictionSwitch, parse_key
from settings.derived.use_case_names import UseCaseNames
from tests.support.workbench import REPOSITORY

KEY = "scoring/monitoring/switch/predictions.json"


class Bucket:
    """An ML bucket."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.error = ""

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803 (names of the API)
        if self.error:
            raise ClientError({"Error": {"Code": self.error, "Message": "no"}}, "PutObject")
        assert Bucket == "ml-prod-fraud"
        self.objects[Key] = Body

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 (names of the API)
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": "no"}}, "GetObject")
        return {"Body": io.BytesIO(self.objects[Key])}


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    account, found = Account(id="1", region="eu-west-1", role_arn=None), Bucket()
    account._clients["s3"] = found
    erin = {"Arn": "arn:aws:sts::1:assumed-role/MLOpsEngineer-environments/erin"}
    account._clients["sts"] = SimpleNamespace(get_caller_identity=lambda: erin)
    names = UseCaseNames(team="fraud", use_case="scoring")
    place = MonitorPlace(names=names, environment="production", account=account, bucket="ml-prod-fraud")
    monkeypatch.setattr("selfservice.promotions.monitoring.places.monitor_place", lambda *_: place)
    monkeypatch.setattr("selfservice.cli.commands.delivery.switch.require_engine", lambda _: None)
    return found


def switch(*words: str) -> Result:
    return CliRunner().invoke(main, ["--cwd", str(REPOSITORY), "switch", "fraud--scoring", *words])


@pytest.mark.requirement("MON-10.b", level="declared")
def test_a_person_stops_predictions_and_allows_them(bucket: Bucket) -> None:
    job = Switch(s3=bucket, subject={"bucket": "ml-prod-fraud", "switch": KEY})
    assert switch().output == "Predictions are on.\n"
    off = switch("off", "--reason", "prices in cents")
    assert (off.exit_code, job.stopped()) == (0, True)
    assert parse_key(KEY).folder == PredictionSwitch(use_case="scoring")
    assert list(bucket.objects) == [KEY]
    written = json.loads(bucket.objects[KEY])
    assert (written["state"], written["by"], written["reason"]) == ("off", "erin", "prices in cents")
    assert switch().output == off.output == f"Predictions are off since {written['at']} by erin: prices in cents\n"
    assert json.loads(switch("--json").output) == written
    on = switch("on", "--reason", "prices are right again")
    assert on.output.startswith("Predictions are on, since ")
    assert not job.stopped()


def test_a_damaged_switch_stops_predictions_and_says_so(bucket: Bucket) -> None:
    bucket.objects[KEY] = b"[]"
    assert "Predictions are off since an unknown time by nobody known: the switch cannot be read" in switch().output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("off",), "--reason: write why in 1 to 200 characters of one line"),
        (("off", "--reason", "x" * 201), "got 201"),
        (("on", "--reason", "a\nb"), "--reason: write why in 1 to 200 characters of one line"),
        (("--reason", "x"), "--reason says why predictions are turned on or off; add `on` or `off`"),
        (("paused", "--reason", "x"), "'paused' is not one of 'on', 'off'"),
    ],
)
def test_a_wrong_request_changes_nothing(bucket: Bucket, words: tuple[str, ...], message: str) -> None:
    done = switch(*words)
    assert (done.exit_code, bucket.objects) == (2, {})
    assert message in " ".join(done.stderr.split())


def test_a_person_who_may_not_stop_predictions_learns_who_may(bucket: Bucket) -> None:
    bucket.error = "AccessDenied"
    done = switch("off", "--reason", "x")
    assert done.exit_code == 3
    assert "MLOpsEngineer-environments" in done.stderr
