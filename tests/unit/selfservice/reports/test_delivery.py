"""Builds, runs and models of a use case are listed from its accounts."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner, Result

from selfservice.cli.command import main
from selfservice.cli.delivery import changes, watch
from selfservice.errors import BadInputError, ExitCode, RefusedError
from selfservice.reports import delivery, model_versions
from selfservice.reports.delivery import DeliveryPlace
from settings.derived.use_case_names import UseCaseNames
from settings.organization.minimum_gate import MinimumGate
from tests.support.workbench import REPOSITORY

EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)


class Answers:
    """An account whose answers are given by operation."""

    id = "111111111111"

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def every(self, service: str, operation: str, key: str, **arguments: Any) -> Any:
        self.asked.append((operation, arguments))
        answer = self.answers[operation]
        if isinstance(answer, Exception):
            raise answer
        return iter(answer)

    def refuse(self) -> None:
        raise ClientError({"Error": {"Code": "CommitDoesNotExistException", "Message": "no"}}, "GetCommit")

    def client(self, service: str) -> Any:
        return SimpleNamespace(
            get_commit=lambda **_: self.refuse(),
            batch_get_builds=lambda ids: {"builds": self.answers["batch_get_builds"]},
            describe_model_package=lambda ModelPackageName: self.answers["describe_model_package"],  # noqa: N803
        )


def place(tooling: Answers, development: Answers | None = None, **minimum: MinimumGate) -> DeliveryPlace:
    names = UseCaseNames(team="fraud", use_case="scoring")
    accounts = {"tooling": tooling, "development": development or tooling}
    return DeliveryPlace(names=names, minimum_gates=minimum, **cast(Any, accounts))


def build(name: str, started: datetime, **others: str) -> dict[str, Any]:
    variables = [{"name": name, "value": value} for name, value in {"BRANCH": "main", **others}.items()]
    return {
        "id": f"fraud--scoring-build:{name}",
        "buildStatus": "SUCCEEDED",
        "resolvedSourceVersion": "1a2b3c4",
        "startTime": started,
        "environment": {"environmentVariables": variables},
    }


def test_builds_are_listed_newest_first_with_branch_and_commit() -> None:
    account = Answers(list_builds_for_project=["a", "b"], batch_get_builds=[build("a", EARLY), build("b", LATE)])
    newest, oldest = delivery.builds(place(account))
    assert (newest["build"], oldest["build"]) == ("b", "a")
    assert (newest["branch"], newest["commit"], newest["status"]) == ("main", "1a2b3c4", "SUCCEEDED")
    assert newest["trigger"] == "push"
    asked = {"projectName": "fraud--scoring-build", "sortOrder": "DESCENDING"}
    assert account.asked == [("list_builds_for_project", asked)]


def test_builds_that_no_push_started_name_their_task_and_reason() -> None:
    removes = build("a", EARLY, TASK="clean-up")
    trains = build("b", LATE, TASK="retrain", REASON="drift in production: amount")
    account = Answers(list_builds_for_project=["a", "b"], batch_get_builds=[removes, trains])
    assert [row["trigger"] for row in delivery.builds(place(account))] == [
        "retrain: drift in production: amount",
        "clean-up",
    ]


def test_a_failed_build_names_the_command_that_failed() -> None:
    contexts = [{"statusCode": "COMMAND_EXECUTION_ERROR", "message": "python project check. Reason: exit status 1"}]
    phases = [{"phaseStatus": "SUCCEEDED", "contexts": [{"message": "no"}]}, {"phaseStatus": "FAILED"}]
    failed = {"buildStatus": "FAILED", "phases": [*phases, {"phaseStatus": "FAILED", "contexts": contexts}]}
    account = Answers(list_builds_for_project=["a"], batch_get_builds=[{**build("a", EARLY), **failed}])
    (row,) = delivery.builds(place(account))
    assert delivery.line(row).endswith("  python project check. Reason: exit status 1")


def retried(account: Answers, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    """Runs `plinth builds --retry` with credentials that see the builds."""
    own = place(account)
    monkeypatch.setattr("selfservice.promotions.build_retry.own_place_of_builds", lambda project, use_case: own)
    return CliRunner().invoke(main, ["--cwd", str(REPOSITORY), "builds", "fraud--scoring", "--retry", *words])


def test_the_newest_failed_build_of_a_branch_is_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = {**build("b", LATE), "buildStatus": "FAILED"}
    other = {**build("c", LATE), "environment": {"environmentVariables": [{"name": "BRANCH", "value": "feature/x"}]}}
    since = build("d", LATE + timedelta(hours=1), TASK="clean-up")
    found = [build("a", EARLY), failed, other, since]
    account = Answers(list_builds_for_project=["a", "b", "c", "d"], batch_get_builds=found)
    client, asked = account.client("codebuild"), list[str]()
    client.retry_build = lambda id: asked.append(id) or {"build": {"id": "fraud--scoring-build:d"}}
    client.get_commit = lambda **_: account.refuse()
    account.client = lambda service: client  # type: ignore[method-assign]
    done = retried(account, monkeypatch)
    assert (asked, done.exit_code) == (["fraud--scoring-build:b"], 0)
    assert "Started the build of 1a2b3c4 again: d. It repeats b." in done.stdout
    refused = retried(account, monkeypatch, "--branch", "feature/x")
    assert (refused.exit_code, len(asked)) == (3, 1)
    assert "the newest build of feature/x, c, succeeded; only one that failed is retried" in refused.stderr
    assert retried(account, monkeypatch, "--branch", "none").exit_code == 2
    denied = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "RetryBuild")
    client.retry_build = lambda id: (_ for _ in ()).throw(denied)
    assert "sign in with the permission set LeadScientist-tooling" in retried(account, monkeypatch).stderr


class CodeCommit:
    """Comments on a commit, the first commit of its repository or not."""

    def __init__(self, *texts: str, parents: tuple[str, ...] = ("0a",), error: Exception | None = None) -> None:
        self.texts, self.parents, self.error = texts, parents, error

    def get_commit(self, **_: str) -> dict[str, Any]:
        return {"commit": {"parents": list(self.parents)}}

    def get_comments_for_compared_commit(self, **asked: str) -> dict[str, Any]:
        if self.error is not None:
            raise self.error
        self.asked = asked
        return {"commentsForComparedCommitData": [{"comments": [{"content": text} for text in self.texts]}]}


FAILED_BUILD = "**Build failed**: fraud--scoring-build:a\n\nNo model is registered.\nGate-f1-failed: f1 0.71 < 0.80\n"
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetCommentsForComparedCommit")


@pytest.mark.parametrize(
    ("codecommit", "reason"),
    [
        (CodeCommit("a remark", FAILED_BUILD), "No model is registered.; Gate-f1-failed: f1 0.71 < 0.80"),
        (CodeCommit(FAILED_BUILD, parents=()), "No model is registered.; Gate-f1-failed: f1 0.71 < 0.80"),
        (CodeCommit(FAILED_BUILD.replace(":a", ":other")), "exit status 1"),
        (CodeCommit(error=DENIED), "exit status 1"),
    ],
    ids=["comment", "first commit", "another build", "denied"],
)
def test_a_failed_build_is_explained_by_its_comment(codecommit: CodeCommit, reason: str) -> None:
    phases = [{"phaseStatus": "FAILED", "contexts": [{"message": "exit status 1"}]}]
    failed = {**build("a", EARLY), "buildStatus": "FAILED", "phases": phases}
    account = Answers(list_builds_for_project=["a", "b"], batch_get_builds=[failed, build("b", LATE)])
    of_builds = account.client("codebuild")
    account.client = lambda service: codecommit if service == "codecommit" else of_builds  # type: ignore[method-assign]
    later, row = delivery.builds(place(account))
    assert (later["reason"], row["reason"]) == (None, reason)
    if codecommit.error is None:
        expected = {"repositoryName": "fraud--scoring-build", "afterCommitId": "1a2b3c4"}
        assert codecommit.asked == expected | ({"beforeCommitId": "0a"} if codecommit.parents else {})


def test_runs_come_from_development_and_from_pipelines_of_the_use_case_only() -> None:
    run = {
        "PipelineExecutionArn": "arn:aws:sagemaker:eu-west-1:1:pipeline/p/execution/abc",
        "PipelineExecutionStatus": "Failed",
        "StartTime": LATE,
    }
    pipelines = [{"PipelineName": name} for name in ("fraud--scoring-training-main", "fraud--scoring2-training")]
    steps = [{"StepName": "Split"}, {"StepName": "Gate-f1-failed", "FailureReason": "f1 0.71 < 0.80"}]
    development = Answers(list_pipelines=pipelines, list_pipeline_executions=[run], list_pipeline_execution_steps=steps)
    (row,) = delivery.runs(place(Answers(), development))
    assert row["reason"] == "Gate-f1-failed: f1 0.71 < 0.80"
    assert (row["pipeline"], row["run"], row["status"]) == ("fraud--scoring-training-main", "abc", "Failed")
    assert development.asked[0] == ("list_pipelines", {"PipelineNamePrefix": "fraud--scoring"})


@pytest.mark.requirement("DEV-06")
def test_a_run_is_one_row_whatever_its_steps_say() -> None:
    run = {"PipelineExecutionArn": "arn:p/execution/abc", "PipelineExecutionStatus": "Failed", "StartTime": LATE}
    traceback = 'Traceback (most recent call last):\n  File "train.py", line 7, in <module>\nValueError: no rows\n'
    chained = f"{traceback}\nDuring handling of the above exception, another exception occurred:\n\n{traceback}"
    said = [f"AlgorithmError: {chained}", f"exit code 1\n{traceback}", "f1 0.71\nis below 0.80"]
    steps = [{"StepName": name, "FailureReason": reason} for name, reason in zip("ABC", said, strict=True)]
    development = Answers(
        list_pipelines=[{"PipelineName": "fraud--scoring-training-main"}],
        list_pipeline_executions=[run],
        list_pipeline_execution_steps=steps,
    )
    (row,) = delivery.runs(place(Answers(), development))
    expected = "A: ValueError: no rows; B: exit code 1; ValueError: no rows; C: f1 0.71; is below 0.80"
    assert row["reason"] == expected
    assert delivery.as_text([row, {**row, "reason": traceback}]).splitlines()[1].endswith("  ValueError: no rows")


def test_a_short_report_asks_for_the_newest_pipelines_and_reasons_only() -> None:
    pipelines = [
        {"PipelineName": f"fraud--scoring-{number}", "LastExecutionTime": EARLY + timedelta(hours=number)}
        for number in range(4)
    ]
    run = {"PipelineExecutionArn": "arn:p/execution/abc", "PipelineExecutionStatus": "Failed", "StartTime": LATE}
    development = Answers(list_pipelines=pipelines, list_pipeline_executions=[run], list_pipeline_execution_steps=[])
    found = delivery.runs(place(Answers(), development), most=2)
    assert [row["pipeline"] for row in found] == ["fraud--scoring-3", "fraud--scoring-2"]
    asked = Counter(operation for operation, _ in development.asked)
    assert (asked["list_pipeline_executions"], asked["list_pipeline_execution_steps"]) == (2, 2)


def test_what_an_account_does_not_have_is_not_deployed() -> None:
    gone = ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no"}}, "ListBuildsForProject")
    with pytest.raises(delivery.NotDeployedError, match="ResourceNotFoundException"):
        delivery.builds(place(Answers(list_builds_for_project=gone)))


def test_models_of_every_group_are_listed_with_their_status() -> None:
    of = {"ModelPackageGroupName": "fraud--scoring-main"}
    versions = [
        {"ModelPackageVersion": number, "ModelPackageArn": f"arn:{number}", "ModelApprovalStatus": status, **of, **at}
        for number, status, at in (
            (1, "Approved", {"CreationTime": EARLY}),
            (2, "PendingManualApproval", {"CreationTime": LATE}),
        )
    ]
    account = Answers(**registry({}) | {"list_model_packages": versions})
    found = model_versions.models(place(account))
    assert [(row["version"], row["status"]) for row in found] == [("2", "PendingManualApproval"), ("1", "Approved")]
    assert json.loads(delivery.as_json("models", found))["models"] == found
    assert delivery.as_text(found).splitlines()[0].startswith("fraud--scoring-main  2  PendingManualApproval")
    assert delivery.as_text([]) == "There are none."


def test_a_version_shows_its_metrics_and_no_other_metadata() -> None:
    metadata = {"commit": "1a2b3c4", "parameters": "eta=1", "serves-production": "yes", "f1": "0.83333", "rmse": "70"}
    account = Answers(**registry(metadata))
    (row,) = model_versions.models(place(account))
    assert row["metrics"] == "f1 0.8333, rmse 70"
    assert delivery.line(row).endswith("  f1 0.8333, rmse 70")


@pytest.mark.requirement("TOOL-05.d")
def test_a_version_names_its_reports_about_bias_and_explanation() -> None:
    answers = registry({"f1": "0.9"})
    places = {kind: {"Report": {"S3Uri": f"s3://models/{kind.lower()}.json"}} for kind in ("Bias", "Explainability")}
    quality = {"Statistics": {"S3Uri": "s3://models/evaluation.json"}}
    answers["describe_model_package"]["ModelMetrics"] = {"ModelQuality": {**quality}, **places}
    (row,) = model_versions.models(place(Answers(**answers)))
    assert row["reports"] == "bias s3://models/bias.json, explanation s3://models/explainability.json"
    assert delivery.line(row).endswith(f"f1 0.9  {row['reports']}")


def registry(metadata: dict[str, str]) -> dict[str, Any]:
    """Returns the answers of a registry with one version."""
    version = {"ModelPackageVersion": 1, "ModelApprovalStatus": "Approved", "CreationTime": EARLY}
    group = {"ModelPackageGroupName": "fraud--scoring-main"}
    return {
        "list_model_package_groups": [group],
        "list_model_packages": [{**group, **version, "ModelPackageArn": "arn:version"}],
        "describe_model_package": {"CustomerMetadataProperties": metadata},
    }


def test_without_a_use_case_the_newest_version_of_each_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(project: Any, use_case: str) -> DeliveryPlace:
        if use_case != "fraud--scoring":
            raise delivery.NotDeployedError("no")
        return place(Answers(**registry({"f1": "0.9"})))

    module = "selfservice.cli.commands.delivery.models"
    graph = ["fraud", "fraud-development", "fraud--scoring", "churn--leaving"]
    monkeypatch.setattr(f"{module}.open_project", lambda directory: SimpleNamespace(directory=directory, graph=graph))
    monkeypatch.setattr(f"{module}.require_engine", lambda directory: None)
    monkeypatch.setattr(delivery, "place_of", found)
    done = CliRunner().invoke(main, ["models"])
    assert done.output.splitlines() == [
        "fraud--scoring  fraud--scoring-main  1  Approved  2026-01-01T00:00:00+00:00  f1 0.9",
        "churn--leaving  not deployed",
    ]


@pytest.mark.requirement("TR-06")
@pytest.mark.parametrize(
    ("metrics", "missed"),
    [
        ({"f1": "0.8", "rmse": "70"}, None),
        ({"f1": "0.7", "rmse": "71.3"}, "below the minimum: f1 0.7 < 0.8, rmse 71.3 > 70"),
        ({"f1": "0.7"}, "below the minimum: f1 0.7 < 0.8; without: rmse"),
        ({"f1": "high", "rmse": "1"}, "without: f1"),
    ],
)
def test_versions_are_judged_by_the_minimum_gates_of_the_settings(metrics: dict[str, str], missed: str | None) -> None:
    account = Answers(**registry(metrics))
    (row,) = model_versions.models(place(account, f1=MinimumGate(at_least=0.8), rmse=MinimumGate(at_most=70)))
    assert row["minimum"] == missed
    assert delivery.line(row).endswith(missed or "f1 0.8, rmse 70")


def test_a_denied_request_names_the_account() -> None:
    denied = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "ListPipelines")
    with pytest.raises(RefusedError, match="the account 111111111111 answered AccessDeniedException"):
        delivery.runs(place(Answers(), Answers(list_pipelines=denied)))


def test_the_list_contains_every_use_case_of_the_settings() -> None:
    done = CliRunner().invoke(main, ["--cwd", str(REPOSITORY), "usecase", "list", "--json"])
    assert done.exit_code == 0, done.output
    listed = {
        (use_case["team"], use_case["name"]): use_case["stack"] for use_case in json.loads(done.output)["use_cases"]
    }
    assert (listed[("fraud", "scoring")], listed[("fraud", "disputes")]) == ("fraud--scoring", None)
    text = CliRunner().invoke(main, ["--cwd", str(REPOSITORY), "usecase", "list"]).output
    assert "fraud disputes: no goal\n  owner fraud-owner@acme.example\n  no delivery\n" in text


def watched(monkeypatch: pytest.MonkeyPatch, *command: str, runs: list[Any], builds: Any = ()) -> Result:
    """Runs a command whose reports answer with the next value each time they are asked."""
    pending, built = iter(runs), iter(builds)
    for module in ("selfservice.cli.commands.delivery.runs", "selfservice.cli.commands.usecase.show"):
        for name in ("open_project", "require_engine"):
            monkeypatch.setattr(f"{module}.{name}", lambda directory: SimpleNamespace(directory=directory))
    monkeypatch.setattr("selfservice.cli.delivery.watch.time.sleep", lambda seconds: None)
    monkeypatch.setattr(delivery, "place_of", lambda project, use_case: None)
    monkeypatch.setattr(delivery, "runs", lambda place: next(pending))
    monkeypatch.setattr(delivery, "builds", lambda place: next(built, []))
    monkeypatch.setattr(model_versions, "models", lambda place: [])
    monkeypatch.setattr(
        "selfservice.projects.outputs.read", lambda project, stack, show_secrets: {"build_project": "b"}
    )
    return CliRunner().invoke(main, ["--cwd", str(REPOSITORY), *command])


def test_watching_prints_each_change_until_build_and_run_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    build, failed = (
        {"build": "b", "status": "IN_PROGRESS"},
        {"run": "r", "status": "Failed", "reason": "f1 0.71 < 0.80"},
    )
    runs = [[], [{"run": "r", "status": "Executing", "reason": None}], [failed], [failed], [failed]]
    builds = [[build], [build], [build], [{"build": "b", "status": "FAILED"}]]
    done = watched(monkeypatch, "runs", "fraud--scoring", "--watch", runs=runs, builds=builds)
    assert done.stdout.splitlines() == [
        "b  IN_PROGRESS", "r  Executing", "r  Failed  f1 0.71 < 0.80", "b  FAILED",
    ]  # fmt: skip
    assert done.exit_code == 1


def test_watching_says_from_time_to_time_what_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "HEARTBEAT_SECONDS", 0.0)
    monkeypatch.setattr(watch, "duration", lambda seconds: "a while")
    build = {"build": "b", "status": "IN_PROGRESS"}
    runs: list[Any] = [[], [], []]
    builds = [[], [build], [{"build": "b", "status": "SUCCEEDED"}]]
    monkeypatch.setattr(delivery, "runs", lambda place: runs.pop())
    monkeypatch.setattr(delivery, "builds", lambda place: builds.pop(0))
    monkeypatch.setattr("selfservice.cli.delivery.watch.time.sleep", lambda seconds: None)
    said: list[str] = []
    monkeypatch.setattr(watch.click, "echo", lambda line, err: said.append(line))
    assert watch.watch(place(Answers()), expects_build=True) is ExitCode.OK
    waits = "still waiting for the build, a while"
    assert said == [waits, "b  IN_PROGRESS", waits, "b  SUCCEEDED"]


def test_watching_leaves_out_a_run_that_began_before_the_newest_build(monkeypatch: pytest.MonkeyPatch) -> None:
    earlier, built, later = (f"2026-11-22T12:00:0{second}+00:00" for second in range(3))
    build = {"build": "b", "status": "SUCCEEDED", "started": built}
    failed = {"run": "r", "status": "Failed", "started": earlier}
    done = watched(monkeypatch, "runs", "fraud--scoring", "--watch", runs=[[failed]], builds=[[build]])
    assert (done.stdout, done.exit_code) == (f"b  SUCCEEDED  {built}\n", 0)
    own = {**failed, "started": later}
    assert watched(monkeypatch, "runs", "fraud--scoring", "--watch", runs=[[own]], builds=[[build]]).exit_code == 1


def test_watching_without_builds_and_runs_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    done = watched(monkeypatch, "runs", "fraud--scoring", "--watch", runs=[[]])
    assert (done.stdout, done.exit_code) == ("There are none.\n", 0)


def test_a_push_that_starts_no_build_names_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "START_SECONDS", -1)
    nothing = Answers(list_builds_for_project=[], list_pipelines=[])
    with pytest.raises(RefusedError, match="the queue fraud--scoring-undelivered has the reason"):
        watch.watch(place(nothing), expects_build=True)


def test_watching_with_json_prints_one_document(monkeypatch: pytest.MonkeyPatch) -> None:
    succeeded = [{"run": "r", "status": "Succeeded"}]
    done = watched(monkeypatch, "runs", "fraud--scoring", "--watch", "--json", runs=[succeeded, succeeded])
    assert json.loads(done.stdout) == {"runs": succeeded}
    assert done.exit_code == 0


def test_a_use_case_is_shown_with_its_outputs_and_what_is_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[Any] = [[{"run": "r", "status": "Succeeded"}, {"run": "q", "status": "Failed"}]]
    text = watched(monkeypatch, "usecase", "show", "fraud--scoring", runs=runs).stdout.splitlines()
    assert text == ["build_project: b", "newest build: none", "newest run: r  Succeeded", "newest model: none"]
    found = json.loads(watched(monkeypatch, "usecase", "show", "fraud--scoring", "--json", runs=runs).stdout)
    assert found["outputs"] == {"build_project": "b"}
    assert found["newest"] == {"build": None, "run": runs[0][0], "model": None}


@pytest.mark.parametrize("command", [["builds"], ["models"], ["runs"], ["usecase", "show"]])
def test_a_use_case_without_a_delivery_is_refused(command: list[str]) -> None:
    done = CliRunner().invoke(main, ["--cwd", str(REPOSITORY), *command, "fraud--disputes"])
    assert done.exit_code == 2
    assert "there is no use case fraud--disputes with a delivery" in done.output


def test_a_place_needs_a_deployed_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "resources_by_stack", lambda project, stacks: {stack: [] for stack in stacks})
    project: Any = SimpleNamespace(graph={"fraud--scoring": ()})
    with pytest.raises(BadInputError, match="is not deployed"):
        delivery.place_of(project, "fraud--scoring")
