"""Tests of `plinth curate`: its requests, the destination of the rows, and its refusals."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from selfservice.cli.command import main
from selfservice.engine.account_access import Account
from selfservice.errors import BadInputError
from selfservice.promotions.monitoring import curation, places
from selfservice.promotions.monitoring.curation import Selection, Target, curate, target_of
from selfservice.promotions.monitoring.places import MonitorPlace
from settings.data.dataset import Dataset
from settings.derived.use_case_names import UseCaseNames
from settings.files import validation_cache
from tests.support.every_stack import SCORES

POINT = "fraud--scores--drop-3x7-s3alias"
RECEIPT = {"rows": 2, "seen": 9, "unreadable": 0, "key": "results/scores/1.csv"}


class Aws:
    """Lambda, SageMaker and S3 of the environment's account."""

    def __init__(self, **receipt: int) -> None:
        self.receipt = {**RECEIPT, **receipt}

    def invoke(self, *, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803
        assert FunctionName == "fraud--scoring-prod-start-monitor"
        self.asked = json.loads(Payload)
        return {"Payload": io.BytesIO(json.dumps({"job": "job-1", "receipt": "curated/receipt.json"}).encode())}

    def describe_processing_job(self, *, ProcessingJobName: str) -> dict[str, str]:  # noqa: N803
        assert ProcessingJobName == "job-1"
        return {"ProcessingJobStatus": "Completed"}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        assert (Bucket, Key) == ("ml-prod-fraud", "curated/receipt.json")
        return {"Body": io.BytesIO(json.dumps(self.receipt).encode())}


def place(aws: Aws) -> MonitorPlace:
    account = Account(id="1", region="eu-west-1", role_arn=None)
    account._clients.update(dict.fromkeys(("lambda", "sagemaker", "s3"), aws))
    names = UseCaseNames(team="fraud", use_case="scoring")
    return MonitorPlace(names=names, environment="production", account=account, bucket="ml-prod-fraud")


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A project whose dataset scores is deployed."""
    point = {"type": "aws:s3/accessPoint:AccessPoint", "outputs": {"name": "fraud--scores--drop", "alias": POINT}}
    states = {SCORES.stack: [point]}
    monkeypatch.setattr(
        curation, "resources_by_stack", lambda _, stacks: {stack: states.get(stack, []) for stack in stacks}
    )
    known: dict[str, Dataset] = {
        "scores": SCORES,
        "others": SCORES.model_copy(update={"name": "others"}),
        "closed": SCORES.model_copy(update={"name": "closed", "returned_by": {"fraud": ("preproduction",)}}),
    }
    monkeypatch.setattr(validation_cache, "load_cached", lambda _: SimpleNamespace(datasets=known))
    return SimpleNamespace(directory=None)


@pytest.mark.requirement("WP-19")
def test_rows_go_to_the_folder_of_the_use_case_behind_the_teams_access_point(project: Any) -> None:
    aws = Aws()
    target = target_of(project, place(aws), "scores")
    assert target == Target(access_point=POINT, folder="results/scores/fraud/production/curated/scoring/")
    days = {"first": date(2026, 11, 20), "last": date(2026, 11, 27)}
    assert curate(place(aws), target, Selection(**days, between=(0.4, 0.6))) == RECEIPT
    assert aws.asked == {
        "curate": {
            "first": "2026-11-20",
            "last": "2026-11-27",
            "least": 0.4,
            "most": 0.6,
            "unlabelled": False,
            "access_point": POINT,
            "folder": target.folder,
        }
    }


@pytest.mark.requirement("WP-19")
@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        ("score", r"score is not a dataset; one of closed, others, scores"),
        (
            "closed",
            r"closed takes nothing of fraud-production; its owner \S+ agrees by adding production to returned_by",
        ),
        ("others", r"others is not deployed with an access point for fraud; deploy it: plinth up data-lake--others"),
    ],
)
def test_nothing_is_written_without_the_consent_of_the_owner(project: Any, dataset: str, message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        target_of(project, place(Aws()), dataset)


@pytest.mark.parametrize(
    ("receipt", "words", "said"),
    [
        ({}, [], "Wrote 2 of 9 rows to results/scores/1.csv\n"),
        ({"rows": 0}, ["--first=2026-11-20"], "Nothing was written: none of 9 rows from 2026-11-20 to "),
    ],
)
def test_the_command_says_what_was_written(
    project: Any, monkeypatch: pytest.MonkeyPatch, receipt: dict[str, int], words: list[str], said: str
) -> None:
    aws, module = Aws(**receipt), "selfservice.cli.commands.delivery.curate"
    monkeypatch.setattr(f"{module}.open_project", lambda _: project)
    monkeypatch.setattr(f"{module}.require_engine", lambda _: None)
    monkeypatch.setattr(places, "monitor_place", lambda *_: place(aws))
    done = CliRunner().invoke(main, ["curate", "fraud--scoring", "--into=scores", *words])
    assert done.output.startswith(said), done.output
    today = datetime.now(UTC).date()
    asked = aws.asked["curate"]
    assert asked["last"] in (today.isoformat(), (today - timedelta(days=1)).isoformat())
    if not words:
        assert date.fromisoformat(asked["first"]) + timedelta(days=6) == date.fromisoformat(asked["last"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--first=2026-11-28", "--last=2026-11-27"], "--first 2026-11-28 is after --last 2026-11-27"),
        (["--between", "0.6", "0.4"], "--between 0.6 0.4: write the lower prediction first"),
        (["--first=yesterday"], "'yesterday' does not match the format"),
    ],
)
def test_a_selection_that_is_none_is_refused_before_anything_is_asked(words: list[str], message: str) -> None:
    done = CliRunner().invoke(main, ["curate", "fraud--scoring", "--into=scores", *words])
    assert done.exit_code == 2
    assert message in done.output
