"""Structure and settings of the repository."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from generated import deployment_repository
from plinth_project.deployment.checks import SAMPLE, check_settings, check_structure
from plinth_project.deployment.command import main
from plinth_project.deployment.contract import CONTRACT, MODULE
from plinth_project.deployment.foundation import ENVIRONMENTS
from plinth_project.deployment.inference import Batch, Deployment, RealTime, api_shape, place_of
from plinth_project.documents import ProjectError

REAL_TIME: dict[str, Any] = {
    "kind": "real-time",
    "instance": "ml.m5.large",
    "instances": 2,
    "scaling": {"least": 2, "most": 4, "invocations_per_instance": 1000},
    "data_capture_percentage": 100,
    "monitoring": {"window": "day"},
    "throttling": {"requests_per_second": 20, "burst": 40},
    "deployment": {
        "strategy": "canary",
        "step_percentage": 10,
        "bake_seconds": 300,
        "alarms": [
            {"metric": name, "above": 1, "minutes": 1}
            for name in ("Invocation5XXErrors", "ModelLatency", "InvocationsPerInstance", "DiskUtilization")
        ],
    },
}
ASYNCHRONOUS: dict[str, Any] = {
    **{name: value for name, value in REAL_TIME.items() if name not in ("data_capture_percentage", "monitoring")},
    "kind": "asynchronous",
    "scaling": {"least": 0, "most": 4, "waiting_per_instance": 5},
    "deployment": {
        **REAL_TIME["deployment"],
        "alarms": [
            {"metric": name, "above": 1, "minutes": 1}
            for name in ("Invocation5XXErrors", "ModelLatency", "ApproximateBacklogSizePerInstance", "DiskUtilization")
        ],
    },
}
BATCH = {
    "kind": "batch",
    "instance": "ml.m5.large",
    "volume_gib": 30,
    "minutes": 60,
    "start": {"by": "schedule", "expression": "cron(0 6 * * ? *)"},
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with the settings of the repository, and an endpoint as its kind of inference."""
    for name in ("foundation.json", CONTRACT, MODULE, SAMPLE, *map(place_of, ENVIRONMENTS)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(deployment_repository() / name, tmp_path / name)
    configure(tmp_path, REAL_TIME)
    return tmp_path


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A copy of the repository."""
    ignored = shutil.ignore_patterns("__pycache__", ".*", "build", "*.txt", "*.csv")
    return shutil.copytree(deployment_repository(), tmp_path / "whole", ignore=ignored)


def configure(folder: Path, inference: object, *environments: str) -> None:
    for environment in environments or ("staging", "prod"):
        (folder / place_of(environment)).write_text(json.dumps({"inference": inference}))


def changed(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Returns a copy with another value at a dotted path."""
    name, _, rest = path.partition(".")
    return {**document, name: changed(document[name], rest, value) if rest else value}


def said(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit):
        main(folder, ["check", "--only", "settings"])
    return capsys.readouterr().err


def test_this_repository_has_the_structure_and_valid_settings() -> None:
    check_structure(deployment_repository())
    check_settings(deployment_repository())


@pytest.mark.parametrize("inference", [REAL_TIME, ASYNCHRONOUS, BATCH])
def test_every_kind_is_valid(copy: Path, inference: object) -> None:
    configure(copy, inference)
    check_settings(copy)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("instance", "ml.m5.lage", "use for example ml.m5.large"),
        ("instances", 5, "instances: 5; set 2 to 4"),
        ("scaling.least", 9, "least (9) is more than most (4)"),
        ("data_capture_percentage", 101, "less than or equal to 100; got 101"),
        ("deployment.strategy", "rolling", "Input should be 'all-at-once', 'canary' or 'linear'; got 'rolling'"),
        ("deployment.strategy", "all-at-once", "step_percentage: all-at-once with 10; remove it"),
        ("deployment.strategy", "linear", None),
        ("deployment.step_percentage", 60, "less than or equal to 50"),
        ("deployment.step_percentage", None, "set 1 to 50 (canary) or 10 to 50 (linear)"),
        ("deployment.bake_seconds", 3600, "timeout_seconds: 3600, but 2 waits and the termination take 7200"),
        (
            "deployment.alarms",
            [{"metric": "Errors", "above": 1, "minutes": 1}],
            "Input should be 'Invocation4XXErrors'",
        ),
        ("containers", ["preprocess", "predict"], None),
        ("containers", ["preprocess", "predict", "postprocess"], None),
        ("containers", ["predict", "postprocess"], 'set ["preprocess", "predict"] or ["preprocess", '),
        ("containers", ["train"], "Input should be 'preprocess', 'predict' or 'postprocess'"),
        ("load_test", {"requests_per_second": 20, "seconds": 10, "latency_milliseconds": 50}, None),
        (
            "load_test",
            {"requests_per_second": 21, "seconds": 10, "latency_milliseconds": 50},
            "load_test.requests_per_second: 21, which the API refuses; set at most 20, or raise throttling",
        ),
        ("load_test", {"requests_per_second": 1, "seconds": 5, "latency_milliseconds": 50}, "equal to 10; got 5"),
        ("colour", "red", "Extra inputs are not permitted"),
    ],
)
def test_a_wrong_value_is_named(
    copy: Path, path: str, value: object, reason: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(copy, changed(REAL_TIME, path, value), "prod")
    if reason is None:
        check_settings(copy)
        return
    found = said(copy, capsys)
    assert found.startswith("inference_config/prod/inference_config.json: inference.")
    assert reason in found


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("requests_per_instance", 0, "greater than or equal to 1; got 0"),
        ("requests_per_instance", 1001, "less than or equal to 1000"),
        ("scaling.least", -1, "greater than or equal to 0"),
        ("scaling.least", 5, "least (5) is more than most (4)"),
        ("instances", 5, "instances: 5; set 1 to 4"),
        ("instances", 1, "instances: 1; a canary deployment needs 2 or more"),
        ("deployment.alarms", REAL_TIME["deployment"]["alarms"], "no InvocationsPerInstance; use ApproximateBacklog"),
        ("data_capture_percentage", 10, "Extra inputs are not permitted"),
        ("trial", {"kind": "shadow", "percentage": 10}, "Extra inputs are not permitted"),
    ],
)
def test_asynchronous_inference_has_settings_of_its_own(
    copy: Path, path: str, value: object, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(copy, changed(ASYNCHRONOUS, path, value), "prod")
    assert reason in said(copy, capsys)


ROLE = "arn:aws:iam::444444444444:role/plinth/claims"
PLAN = {"role": ROLE, "requests_per_second": 5, "burst": 10, "quota": {"requests": 1000, "period": "day"}}


@pytest.mark.parametrize(
    ("plans", "callers", "reason"),
    [
        ({"claims": PLAN}, [], None),
        ({"claims": {name: value for name, value in PLAN.items() if name != "quota"}}, [], None),
        ({"claims": PLAN}, [f"{ROLE}-others"], "would have no API key; give each a plan"),
        ({"tests": PLAN}, [], "plans.tests: the tests of the promotion have this name"),
        ({"claims": PLAN, "offers": PLAN}, [], f"{ROLE} has several plans"),
        ({"claims": {**PLAN, "requests_per_second": 21}}, [], "requests_per_second: 21, but throttling allows 20"),
        ({"claims": {**PLAN, "burst": 41}}, [], "burst: 41, but throttling allows 40"),
        ({"claims": {**PLAN, "quota": {"requests": 0, "period": "day"}}}, [], "greater than or equal to 1"),
        ({"claims": {**PLAN, "quota": {"requests": 9, "period": "year"}}}, [], "'day', 'week' or 'month'"),
        ({"Claims": PLAN}, [], "plans"),
    ],
)
def test_a_plan_limits_a_caller_within_the_limits_of_the_api(
    copy: Path, plans: object, callers: object, reason: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(copy, {**REAL_TIME, "plans": plans, "callers": callers}, "prod")
    if reason is None:
        check_settings(copy)
    else:
        assert reason in said(copy, capsys)


@pytest.mark.parametrize(
    ("containers", "parts"),
    [
        ([], []),
        (["preprocess", "predict"], ["preprocess", "predict,postprocess"]),
        (["preprocess", "predict", "postprocess"], ["preprocess", "predict", "postprocess"]),
    ],
)
def test_containers_in_series_do_all_parts(containers: list[str], parts: list[str]) -> None:
    inference = RealTime.model_validate({**REAL_TIME, "containers": containers})
    assert [environment["SERVE_PARTS"] for environment in inference.environments] == parts


def test_an_endpoint_that_answers_at_once_has_no_backlog(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configure(copy, changed(REAL_TIME, "deployment.alarms", ASYNCHRONOUS["deployment"]["alarms"]), "prod")
    assert "no ApproximateBacklogSizePerInstance; use InvocationsPerInstance" in said(copy, capsys)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("scaling.least", 1, "scaling.least: 1; set 2 or more"),
        ("monitoring", None, 'monitoring: missing; set for example {"window": "day"}'),
        ("deployment.bake_seconds", 0, "deployment.bake_seconds: 0; set 1 to 3600"),
        ("deployment.alarms", [], "alarms: no alarm on latency; add one on ModelLatency"),
    ],
)
def test_production_is_stricter_than_staging(
    copy: Path, path: str, value: object, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = changed(REAL_TIME, path, value)
    configure(copy, wrong, "staging")
    check_settings(copy)
    configure(copy, wrong, "prod")
    assert reason in said(copy, capsys)


def test_production_captures_requests_and_monitoring_has_some_to_compare(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing = {**REAL_TIME, "data_capture_percentage": 0}
    configure(copy, {**nothing, "monitoring": None})
    assert "data_capture_percentage: 0; set 1 to 100" in said(copy, capsys)
    configure(copy, nothing, "staging")
    assert "data_capture_percentage: 0, but monitoring reads captured requests" in said(copy, capsys)


def test_production_does_not_deploy_to_one_instance_at_once(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    single = {**REAL_TIME, "instances": 1, "scaling": {**REAL_TIME["scaling"], "least": 1}}
    deployment = {**REAL_TIME["deployment"], "strategy": "all-at-once", "step_percentage": None}
    configure(copy, {**single, "deployment": deployment})
    found = said(copy, capsys)
    assert "instances: 1; set 2 or more" in found
    assert "strategy: all-at-once; set canary or linear" in found
    configure(copy, single)
    assert "instances: 1; a canary deployment needs 2 or more" in said(copy, capsys)


def test_a_linear_deployment_has_at_most_ten_steps(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    linear = {**REAL_TIME["deployment"], "strategy": "linear", "step_percentage": 5}
    configure(copy, {**REAL_TIME, "deployment": linear})
    assert "step_percentage: linear with 5; set 10 to 50" in said(copy, capsys)


@pytest.mark.parametrize(
    ("model", "field", "shape"),
    [
        (RealTime, "instances", "InitialTaskCount"),
        (RealTime, "data_capture_percentage", "SamplingPercentage"),
        (Deployment, "bake_seconds", "WaitIntervalInSeconds"),
        (Deployment, "termination_seconds", "TerminationWaitInSeconds"),
        (Deployment, "timeout_seconds", "MaximumExecutionTimeoutInSeconds"),
        (Batch, "volume_gib", "ProcessingVolumeSizeInGB"),
    ],
)
def test_limits_are_those_of_the_api(model: type[BaseModel], field: str, shape: str) -> None:
    limits, expected = model.model_json_schema()["properties"][field], api_shape(shape)
    assert (limits.get("minimum"), limits.get("maximum")) == (expected.get("min"), expected.get("max"))


def test_a_deployment_has_as_many_alarms_as_the_api_allows() -> None:
    assert Deployment.model_json_schema()["properties"]["alarms"]["maxItems"] == api_shape("AlarmList")["max"]


def test_environments_have_the_same_kind(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configure(copy, BATCH, "staging")
    assert "kind: real-time; staging has batch" in said(copy, capsys)


def test_a_schedule_is_an_expression(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configure(copy, changed(BATCH, "start.expression", "0 6 * * *"))
    assert "no schedule; write for example cron(0 6 * * ? *)" in said(copy, capsys)


def test_a_missing_path_is_named_if_the_kind_of_inference_needs_it(whole: Path) -> None:
    configure(whole, BATCH)
    check_structure(whole)
    shutil.rmtree(whole / "app_infra" / "event_bridge")
    (whole / "app_infra" / "batch_inference" / "ml-pipeline-inference.py").unlink()
    configure(whole, REAL_TIME)
    check_structure(whole)
    configure(whole, BATCH)
    with pytest.raises(ProjectError) as error:
        check_structure(whole)
    assert error.value.faults == (
        "app_infra/batch_inference/ml-pipeline-inference.py: missing",
        "app_infra/event_bridge: missing",
    )


def test_a_sample_without_a_column_of_the_contract_is_named(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample = copy / "tests" / "data" / "sample.csv"
    sample.write_text("another\n1\n")
    assert f"tests/data/sample.csv: has no column {next(iter(json.loads(columns(copy))))}" in said(copy, capsys)
    sample.unlink()
    check_settings(copy)
    (copy / CONTRACT).write_text(json.dumps({"version": "1"}))
    assert f"{CONTRACT}: " in said(copy, capsys)
    (copy / CONTRACT).unlink()
    check_settings(copy)


def columns(folder: Path) -> str:
    contract = json.loads((folder / CONTRACT).read_text())
    return json.dumps(contract["request"]["properties"]["instances"]["items"]["properties"])
