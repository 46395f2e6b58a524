"""Training that a person starts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner, Result

from selfservice.cli.command import main
from selfservice.reports.delivery import DeliveryPlace
from settings.derived.use_case_names import UseCaseNames
from tests.support.workbench import REPOSITORY

BUILD = "20261101T120000-1a2b3c4"
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "StartBuild")
MISSING = ClientError({"Error": {"Code": "ValidationException", "Message": "no"}}, "DescribeModelPackage")


class Tooling:
    """The tooling account: builds that start, and versions with their builds."""

    id, region = "111122223333", "eu-west-1"

    def __init__(self) -> None:
        self.started: list[dict[str, Any]] = []
        self.error: Exception | None = None
        self.versions = {3: {"build_id": BUILD}, 4: {}}

    def client(self, _: str) -> SimpleNamespace:
        return SimpleNamespace(start_build=self._start, describe_model_package=self._describe)

    def _start(self, **given: Any) -> dict[str, Any]:
        if self.error:
            raise self.error
        self.started.append(given)
        return {"build": {"id": "fraud--scoring-build:0a1b2c3d-e4f5"}}

    def _describe(self, *, ModelPackageName: str) -> dict[str, Any]:  # noqa: N803 (name of the API)
        group, _, version = ModelPackageName.partition("/")[2].partition("/")
        assert group == "fraud--scoring-main"
        if int(version) not in self.versions:
            raise MISSING
        return {"CustomerMetadataProperties": self.versions[int(version)]}


@pytest.fixture
def tooling(monkeypatch: pytest.MonkeyPatch) -> Tooling:
    account: Any = Tooling()
    names = UseCaseNames(team="fraud", use_case="scoring")
    place = DeliveryPlace(names=names, tooling=account, development=account, minimum_gates={})
    monkeypatch.setattr("selfservice.promotions.build_retry.own_place_of_builds", lambda *_: place)
    return account


def train(*words: str) -> Result:
    return CliRunner().invoke(main, ["--cwd", str(REPOSITORY), "train", "fraud--scoring", *words])


def variables(started: dict[str, Any]) -> dict[str, str]:
    return {variable["name"]: variable["value"] for variable in started["environmentVariablesOverride"]}


@pytest.mark.requirement("TR-12.e", "DEV-08.a", level="declared")
@pytest.mark.parametrize("reason", ["", "new labels: 2026-11"])
def test_training_is_a_build_of_main(tooling: Tooling, reason: str) -> None:
    done = train("--reason", reason)
    assert done.exit_code == 0, done.output
    assert "Started a training of main: 0a1b2c3d-e4f5." in done.stdout
    (started,) = tooling.started
    assert (started["projectName"], started["sourceVersion"]) == ("fraud--scoring-build", "main")
    assert variables(started) == {"BRANCH": "main", "TASK": "train", **({"REASON": reason} if reason else {})}


@pytest.mark.requirement("TR-14.a", level="declared")
@pytest.mark.parametrize("asked", [BUILD, "3"])
def test_a_build_or_a_version_is_repeated(tooling: Tooling, asked: str) -> None:
    done = train("--repeat", asked)
    assert done.exit_code == 0, done.output
    assert f"Started the repetition of {BUILD}: 0a1b2c3d-e4f5." in done.stdout
    (started,) = tooling.started
    assert variables(started) == {"BRANCH": "main", "TASK": "repeat", "REPEATED_BUILD": BUILD}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--reason", 'new "labels"'), "--reason: a version keeps up to 200 letters, digits, spaces and"),
        (("--reason", "x" * 201), "got 201 characters"),
        (("--repeat", "latest"), "'latest' is neither a version nor a build id, such as"),
        (("--repeat", "9"), "fraud--scoring-main has no version 9"),
        (("--repeat", "4"), "version 4 of fraud--scoring-main names no build"),
    ],
)
def test_what_cannot_be_trained_starts_nothing(tooling: Tooling, words: tuple[str, ...], message: str) -> None:
    done = train(*words)
    assert (done.exit_code, tooling.started) == (2, [])
    assert message in " ".join(done.stderr.split())


def test_a_person_who_may_not_start_builds_learns_who_may(tooling: Tooling) -> None:
    tooling.error = DENIED
    done = train()
    assert done.exit_code == 3
    assert "sign in with the permission set LeadScientist-tooling or MLOpsEngineer-tooling" in done.stderr
