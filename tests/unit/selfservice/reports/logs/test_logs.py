"""`plinth logs` finds what failed, says why, and prints its log."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner, Result

from runtime.promotion.records import Records
from selfservice.cli.command import main
from selfservice.cli.delivery import log_text
from selfservice.promotions.place import PromotionPlace
from selfservice.reports.delivery import DeliveryPlace
from selfservice.reports.logs import places
from selfservice.reports.logs.build_logs import BuildLogs
from selfservice.reports.logs.logged import Source, What
from selfservice.reports.logs.promotion_logs import PromotionLogs
from selfservice.reports.logs.run_logs import RunLogs
from settings.derived.use_case_names import UseCaseNames
from tests.support.workbench import REPOSITORY

NAMES = UseCaseNames(team="fraud", use_case="scoring")
TRACEBACK = 'Traceback (most recent call last):\n  File "train.py", line 7, in <module>\nValueError: no rows'
GROUP, JOBS = "/aws/codebuild/fraud--scoring-build", "/aws/sagemaker/TrainingJobs"


def hour(number: int) -> datetime:
    return datetime(2026, 1, 1, number, tzinfo=UTC)


def refusal(code: str, operation: str = "FilterLogEvents") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


class CloudAccount:
    """An account with builds, a pipeline run and log streams."""

    id, region = "111111111111", "eu-west-1"

    def __init__(self) -> None:
        self.builds: list[dict[str, Any]] = []
        self.streams: dict[str, list[str]] = {}
        self.runs: list[dict[str, Any]] = []
        self.steps: list[dict[str, Any]] = []
        self.tuned: list[dict[str, str]] = []
        self.executions: list[dict[str, Any]] = []
        self.actions: list[dict[str, Any]] = []
        self.refused: ClientError | None = None

    def build(self, name: str, started: datetime, status: str = "FAILED", *lines: str, project: str = "build") -> None:
        phases = [] if status != "FAILED" else [{"phaseType": "BUILD", "phaseStatus": "FAILED"}]
        for phase in phases:
            phase["contexts"] = [{"message": f"exit status 1 of {name}"}]  # type: ignore[assignment]
        self.builds.append(
            {
                "id": f"fraud--scoring-{project}:{name}",
                "buildStatus": status,
                "startTime": started,
                "environment": {},
                "phases": phases,
                "logs": {"groupName": f"/aws/codebuild/fraud--scoring-{project}", "streamName": name},
            }
        )
        self.streams[name] = list(lines)

    def every(self, service: str, operation: str, key: str, **asked: Any) -> Any:
        return iter(getattr(self, f"_{operation}")(**asked))

    def _list_builds_for_project(self, projectName: str, **_: str) -> list[str]:  # noqa: N803
        return [build["id"] for build in self.builds if build["id"].startswith(f"{projectName}:")]

    def _list_pipelines(self, **_: str) -> list[dict[str, Any]]:
        return [{"PipelineName": "fraud--scoring-training-main"}]

    def _list_pipeline_executions(self, PipelineName: str = "", **_: Any) -> list[dict[str, Any]]:  # noqa: N803
        return self.runs if PipelineName else self.executions

    def _list_pipeline_execution_steps(self, PipelineExecutionArn: str, **_: str) -> list[dict[str, Any]]:  # noqa: N803
        expected = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/fraud--scoring-training-main/execution/"
        assert PipelineExecutionArn.startswith(expected)
        return self.steps

    def _list_training_jobs_for_hyper_parameter_tuning_job(self, **_: str) -> list[dict[str, str]]:
        return self.tuned

    def _list_action_executions(self, **_: Any) -> list[dict[str, Any]]:
        return self.actions

    def _describe_log_streams(self, logGroupName: str, logStreamNamePrefix: str) -> list[dict[str, str]]:  # noqa: N803
        if self.refused:
            raise self.refused
        return [{"logStreamName": stream} for stream in self.streams if stream.startswith(logStreamNamePrefix)]

    def _filter_log_events(self, logGroupName: str, logStreamNames: list[str], **_: Any) -> list[dict[str, str]]:  # noqa: N803
        if self.refused:
            raise self.refused
        (name,) = logStreamNames
        return [{"eventId": str(number), "message": line} for number, line in enumerate(self.streams[name])]

    def client(self, service: str) -> Any:
        return SimpleNamespace(
            batch_get_builds=lambda ids: {"builds": [build for build in self.builds if build["id"] in ids]},
            get_pipeline_execution=lambda **_: {"pipelineExecution": {"variables": []}},
        )


class NoRecords:
    def read(self, name: str) -> None:
        return None

    newest = read


@pytest.fixture
def account() -> CloudAccount:
    return CloudAccount()


@pytest.fixture
def plinth(account: CloudAccount, monkeypatch: pytest.MonkeyPatch) -> Any:
    delivered = DeliveryPlace(names=NAMES, minimum_gates={}, **cast(Any, {"tooling": account, "development": account}))
    promoted = PromotionPlace(names=NAMES, account=cast(Any, account), records=cast(Records, NoRecords()), approvers={})
    sources: dict[What, Source] = {
        "build": BuildLogs(delivered),
        "run": RunLogs(delivered),
        "promotion": PromotionLogs(promoted),
    }
    monkeypatch.setattr(places, "sources_of", lambda project, use_case: sources)

    def run(*words: str) -> Result:
        return CliRunner().invoke(main, ["--cwd", str(REPOSITORY), "logs", "fraud--scoring", *words])

    return run


@pytest.mark.requirement("DEV-06")
def test_the_newest_failed_build_is_explained_before_its_log(account: CloudAccount, plinth: Any) -> None:
    account.build("aaaa1", hour(1), "FAILED", "old")
    account.build("bbbb2", hour(2), "FAILED", "one", "two", "\x1b[31mthree\x1b[0m\x07")
    account.build("cccc3", hour(3), "SUCCEEDED", "good")
    head, reason, _, log, *lines = plinth("--lines", "2").stdout.splitlines()
    assert head == f"build  bbbb2  FAILED  {hour(2).isoformat(timespec='seconds')}"
    assert reason == "  BUILD: exit status 1 of bbbb2"
    assert log == f"{GROUP}  bbbb2, the last 2 lines of 3; --lines 3 prints all"
    assert lines == ["two", "three\\x07"]


@pytest.mark.requirement("DEV-06")
@pytest.mark.parametrize("asked", ["cccc3", "cccc"])
def test_a_build_is_named_by_its_id_or_its_beginning(account: CloudAccount, plinth: Any, asked: str) -> None:
    account.build("bbbb2", hour(2))
    account.build("cccc3", hour(3), "SUCCEEDED", "good")
    found = json.loads(plinth(asked, "--json").stdout)
    logs = [{"group": GROUP, "stream": "cccc3", "lines": ["good"]}]
    assert (found["what"], found["id"], found["summary"], found["logs"]) == ("build", "cccc3", [], logs)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("bbbb", "bbbb is the beginning of several ids: build bbbb2, build bbbb1"),
        ("bbb", "bbb is no id among the newest ones of fraud--scoring; `plinth builds fraud--scoring` and"),
        ("run", "there is no run of fraud--scoring"),
    ],
)
def test_an_id_that_names_nothing_is_refused(account: CloudAccount, plinth: Any, asked: str, message: str) -> None:
    account.build("bbbb1", hour(1))
    account.build("bbbb2", hour(2))
    done = plinth(asked)
    assert done.exit_code == 2
    assert message in done.stderr


def failed_run(account: CloudAccount) -> None:
    arn = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/fraud--scoring-training-main/execution/run1"
    account.runs = [{"PipelineExecutionArn": arn, "PipelineExecutionStatus": "Failed", "StartTime": hour(3)}]
    jobs = "arn:aws:sagemaker:eu-west-1:111111111111"
    account.steps = [
        {"StepName": "Split", "StepStatus": "Succeeded", "Metadata": {"ProcessingJob": {"Arn": f"{jobs}:x/split-1"}}},
        {
            "StepName": "Train",
            "StepStatus": "Failed",
            "FailureReason": f"AlgorithmError: {TRACEBACK}",
            "Metadata": {"TrainingJob": {"Arn": f"{jobs}:training-job/train-1"}},
        },
    ]
    account.streams |= {"train-1/algo-1-7": ["loading", "ValueError"], "train-10/algo": ["other"], "split-1/a": ["no"]}


@pytest.mark.requirement("DEV-06")
def test_a_failed_run_shows_its_whole_reason_and_the_log_of_the_failed_job(account: CloudAccount, plinth: Any) -> None:
    account.build("bbbb2", hour(2))
    failed_run(account)
    lines = plinth().stdout.splitlines()
    assert lines[0].startswith("run  run1  Failed")
    assert lines[1:4] == [f"  {line}" for line in f"Train: AlgorithmError: {TRACEBACK}".splitlines()]
    assert lines[5:] == [f"{JOBS}  train-1/algo-1-7", "loading", "ValueError"]


def test_the_failed_training_job_of_a_tuning_job_is_shown(account: CloudAccount, plinth: Any) -> None:
    failed_run(account)
    account.steps[1]["Metadata"] = {"TuningJob": {"Arn": "arn:x/tune-1"}}
    account.tuned = [
        {"TrainingJobName": "tuned-2", "TrainingJobStatus": "Completed"},
        {"TrainingJobName": "train-1", "TrainingJobStatus": "Failed"},
    ]
    assert plinth("run").stdout.splitlines()[-3:] == [f"{JOBS}  train-1/algo-1-7", "loading", "ValueError"]


def test_credentials_that_may_not_read_a_log_get_the_summary_and_the_permission_set(
    account: CloudAccount, plinth: Any
) -> None:
    failed_run(account)
    account.refused = refusal("AccessDeniedException")
    done = plinth("run")
    assert done.exit_code == 3
    assert "ValueError: no rows" in done.stdout
    assert "sign in with the permission set DataScientist-development" in done.stderr


def test_a_log_that_does_not_exist_yet_is_empty(account: CloudAccount, plinth: Any) -> None:
    failed_run(account)
    account.refused = refusal("ResourceNotFoundException")
    assert plinth("run").stdout.splitlines()[-1] == "There is no log."


def test_a_failed_promotion_shows_the_log_of_its_failed_action(account: CloudAccount, plinth: Any) -> None:
    account.build("prep1", hour(4), "SUCCEEDED", "prepared", project="promotion")
    account.build("test1", hour(5), "FAILED", "3 tests failed", project="promotion-preprod")
    account.executions = [{"pipelineExecutionId": "exec1", "status": "Failed", "startTime": hour(4)}]
    account.actions = [
        action("Prepare", "Prepare", "Succeeded", "fraud--scoring-promotion:prep1"),
        action("Review", "Approve", "Succeeded", None),
        action("Preproduction", "Test", "Failed", "fraud--scoring-promotion-preprod:test1"),
    ]
    head, *rest = plinth("promotion").stdout.splitlines()
    assert head.startswith("promotion  exec1  Failed")
    assert rest == [
        "  Preproduction, Test: it failed",
        "",
        "/aws/codebuild/fraud--scoring-promotion-preprod  test1",
        "3 tests failed",
    ]


def action(stage: str, name: str, status: str, build: str | None) -> dict[str, Any]:
    result: dict[str, Any] = {"externalExecutionId": build} if build else {}
    if status == "Failed":
        result["errorDetails"] = {"message": "it failed"}
    return {
        "stageName": stage,
        "actionName": name,
        "status": status,
        "startTime": hour(4),
        "lastUpdateTime": hour(5),
        "input": {"actionTypeId": {"provider": "CodeBuild" if build else "Manual"}},
        "output": {"executionResult": result},
    }


def test_following_prints_each_line_once_until_the_end(
    account: CloudAccount, plinth: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.build("aaaa1", hour(1), "FAILED", "old")
    account.build("bbbb2", hour(2), "IN_PROGRESS", "one")

    def passes(_: float) -> None:
        account.builds.pop()
        account.build("bbbb2", hour(2), "FAILED", "one", "two")

    monkeypatch.setattr(log_text.time, "sleep", passes)
    done = plinth("--follow")
    assert done.exit_code == 1
    started = hour(2).isoformat(timespec="seconds")
    assert done.stdout.splitlines() == [
        f"build  bbbb2  IN_PROGRESS  {started}", "", f"{GROUP}  bbbb2", "one", "two", "",
        f"build  bbbb2  FAILED  {started}", "  BUILD: exit status 1 of bbbb2",
    ]  # fmt: skip
