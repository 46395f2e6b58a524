"""Submission against clients that record what they are asked."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from generated import build_foundation, build_repository, with_problems
from plinth_project.build import images, submission
from plinth_project.build.command import main
from plinth_project.build.foundation import Foundation
from plinth_project.build.git import Revision
from plinth_project.build.images import build_images, dockerfiles, image_commands
from plinth_project.build.submission import Submission, packaged, started
from plinth_project.documents import ProjectError

MISSING = ClientError({"Error": {"Code": "ResourceNotFound", "Message": "none"}}, "DescribePipeline")
EXISTS = ClientError({"Error": {"Code": "ValidationException", "Message": "it already exists"}}, "Create")
AT = Revision(branch="main", commit="1a2b3c4d" * 5)


class Session:
    """Clients that answer with prepared values, and raise prepared errors."""

    def __init__(self, **answers: Any) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._answers = answers

    def client(self, _: str, **__: str) -> Session:
        return self

    def __getattr__(self, operation: str) -> Any:
        def call(*_: Any, **parameters: Any) -> Any:
            self.asked.append((operation, parameters))
            answer = self._answers.get(operation, {})
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call

    def requests(self, operation: str) -> list[dict[str, Any]]:
        return [parameters for name, parameters in self.asked if name == operation]


def foundation(registry_account: str) -> Foundation:
    """Returns the foundation of the repository with the registry in another account."""
    own = build_foundation()
    return own.model_copy(update={"registry": own.registry.model_copy(update={"account_id": registry_account})})


def build(tmp_path: Path, registry: Session, development: Session, branch: str = "main") -> Submission:
    (with_problems(tmp_path) / "ml_pipelines" / "training").mkdir(parents=True, exist_ok=True)
    shown = json.loads((build_repository() / "ml_pipelines" / "training" / "input.json").read_text())
    shown |= {"better_than_deployed": shown["gates"][0]["metric"], "image": None}
    shown["data"] = {"source": "history", "target": "x", "file": "2026/data.csv"}
    (tmp_path / "ml_pipelines" / "training" / "input.json").write_text(json.dumps(shown))
    registry_of = "1.dkr.ecr.eu-west-1.amazonaws.com/fraud/scoring"
    image = [
        {"Name": "Image", "DefaultValue": f"{registry_of}/train:1a2b3c4"},
        {"Name": "ImageSplit", "DefaultValue": f"{registry_of}/split:1a2b3c4"},
    ]
    return Submission(
        root=tmp_path,
        pipeline="training",
        foundation=build_foundation(),
        revision=Revision(branch=branch, commit=AT.commit),
        definition=json.dumps({"Parameters": image}),
        registry=registry,
        development=development,
        at=datetime(2022, 6, 21, tzinfo=UTC),
    )


def test_code_and_input_are_stored_under_the_build_id(tmp_path: Path) -> None:
    development = Session()
    build(tmp_path, Session(), development, "feature/x").store()
    keys = [request["Key"] for request in development.requests("put_object")]
    start = f"{build_foundation().use_case}/feature-x-"
    assert all(key.startswith(start) and "/20220621T000000-1a2b3c4/code/" in key for key in keys)
    assert "copy" in [operation for operation, _ in development.asked]


def test_a_submission_that_is_repeated_in_one_build_of_ci_has_the_same_id() -> None:
    at = started({"CODEBUILD_START_TIME": "1655769600000"})
    assert at == started({"CODEBUILD_START_TIME": "1655769600000"}) == datetime(2022, 6, 21, tzinfo=UTC)
    assert started({}) > at


def test_tests_and_descriptions_are_not_packaged() -> None:
    places = packaged(build_repository())
    assert "algorithms/training/train/__main__.py" in places
    assert not [place for place in places if "/test/" in place or place.endswith(".md")]


@pytest.mark.requirement("REPO-10.a", "REPO-10.b")
@pytest.mark.parametrize("step", ["preprocessing/split", "postprocessing/evaluate", "training/train"])
def test_a_step_may_have_a_dockerfile_and_more_code_which_its_job_gets(tmp_path: Path, step: str) -> None:
    shutil.copytree(build_repository() / "algorithms", tmp_path / "algorithms")
    folder, development = tmp_path / "algorithms" / step, Session()
    names = ("__main__.py", "helpers.py", "tables/codes.json")
    for name in ("dockerfile", *names[1:]):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("FROM scratch\n")
    assert step.partition("/")[2] in dockerfiles(tmp_path)
    build(tmp_path, Session(), development).store()
    stored = {request["Key"].partition("/code/")[2] for request in development.requests("put_object")}
    assert {f"algorithms/{step}/{name}" for name in names} <= stored


def test_a_feature_branch_gets_a_group_that_expires(tmp_path: Path) -> None:
    registry = Session(create_model_package_group=EXISTS)
    build(tmp_path, registry, Session(), "feature/x").ensure_group()
    (request,) = registry.requests("create_model_package_group")
    assert {"Key": "plinth:expires", "Value": "2022-07-21"} in request["Tags"]
    build(tmp_path, registry, Session()).ensure_group()
    assert len(registry.requests("create_model_package_group")) == 1


def test_only_a_group_in_another_account_gets_a_policy_for_the_pipeline(tmp_path: Path) -> None:
    own = build_foundation().development.account_id
    for account, policies in ((own, 0), ("9" * 12, 1)):
        registry = Session()
        replace(build(tmp_path, registry, Session(), "feature/x"), foundation=foundation(account)).ensure_group()
        shared = registry.requests("put_model_package_group_policy")
        assert len(shared) == policies
        assert all("PendingManualApproval" in request["ResourcePolicy"] for request in shared)


def test_a_pipeline_is_created_once_and_then_updated_with_its_difference(tmp_path: Path) -> None:
    development = Session(describe_pipeline=MISSING)
    assert build(tmp_path, Session(), development).update_pipeline() == ""
    (created,) = development.requests("create_pipeline")
    assert len(created["ClientRequestToken"]) >= 32
    development = Session(describe_pipeline={"PipelineDefinition": '{"Parameters": []}'})
    assert "+++" in build(tmp_path, Session(), development).update_pipeline()
    assert development.requests("update_pipeline")


def test_the_image_is_named_by_its_digest_and_the_deployed_model_by_its_archive(tmp_path: Path) -> None:
    container = {"Containers": [{"ModelDataUrl": "s3://models/7/model.tar.gz"}]}
    registry = Session(
        batch_get_image={"images": [{"imageId": {"imageDigest": "sha256:1"}}]},
        list_model_packages={"ModelPackageSummaryList": [{"ModelPackageArn": "arn"}]},
        describe_model_package={"InferenceSpecification": container},
    )
    development = Session(start_pipeline_execution={"PipelineExecutionArn": "execution"})
    assert build(tmp_path, registry, development).start(None) == "execution"
    (request,) = development.requests("start_pipeline_execution")
    given = {
        pipeline_parameter["Name"]: pipeline_parameter["Value"] for pipeline_parameter in request["PipelineParameters"]
    }
    assert given == {
        "BuildId": "20220621T000000-1a2b3c4",
        "DeployedModel": "s3://models/7/model.tar.gz",
        "Image": "1.dkr.ecr.eu-west-1.amazonaws.com/fraud/scoring/train@sha256:1",
        "ImageSplit": "1.dkr.ecr.eu-west-1.amazonaws.com/fraud/scoring/split@sha256:1",
    }


def test_a_missing_image_is_refused_before_the_start(tmp_path: Path) -> None:
    registry = Session(batch_get_image={"images": []}, list_model_packages={"ModelPackageSummaryList": []})
    with pytest.raises(ProjectError, match="the image does not exist"):
        build(tmp_path, registry, Session()).start(None)


def test_the_result_has_the_reasons_of_failed_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Pages(Session):
        def get_paginator(self, _: str) -> Pages:
            return self

        def paginate(self, **_: str) -> list[dict[str, Any]]:
            return [{"PipelineExecutionSteps": [{"StepName": "Gate", "FailureReason": "f1 0.71 < 0.8"}]}]

    times = {name: datetime(2026, 11, 1, 12, tzinfo=UTC) for name in ("CreationTime", "LastModifiedTime")}
    found = iter({"PipelineExecutionStatus": status, **times} for status in ("Executing", "Failed"))
    monkeypatch.setattr(Pages, "describe_pipeline_execution", lambda *_, **__: next(found), raising=False)
    monkeypatch.setattr(submission, "POLL_SECONDS", 0)
    result = build(tmp_path, Session(), Pages()).wait("execution")
    assert (result["status"], result["reasons"]) == ("Failed", ["Gate: f1 0.71 < 0.8"])
    assert json.loads((tmp_path / "build" / "result.json").read_text()) == result


def test_the_operator_role_is_assumed() -> None:
    taken = {"AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c"}
    own = Session(assume_role={"Credentials": taken})
    session = submission.operator_session(build_foundation(), own)
    assert session.get_credentials().access_key == "a"
    assert own.requests("assume_role")[0]["RoleArn"].endswith("-dev-operator")


def test_a_build_belongs_to_a_commit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "foundation.json").write_text((build_repository() / "foundation.json").read_text())
    with pytest.raises(SystemExit):
        main(tmp_path, ["submit"])
    assert "commit your changes first" in capsys.readouterr().err


def test_images_are_built_from_dockerfiles_and_tagged_with_the_commit() -> None:
    foundation = build_foundation()
    (build_train, push_train) = image_commands(build_repository(), foundation, AT, push=True)["train"]
    assert build_train[:2] == ["docker", "build"]
    assert push_train == ["docker", "push", foundation.image("train", AT.commit)]
    assert "--build-arg" not in build_train


def test_the_base_image_of_a_laptop_is_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASE_IMAGE", "python:3.11-slim")
    ((build,),) = image_commands(build_repository(), build_foundation(), AT, push=False).values()
    assert build[build.index("--build-arg") + 1] == "BASE_IMAGE=python:3.11-slim"


def in_ci(monkeypatch: pytest.MonkeyPatch, status: str, **answers: Any) -> Session:
    """Makes CI have a project of images whose build ends with a status."""
    started = {"id": "images:1", "buildComplete": False, "buildStatus": "IN_PROGRESS"}
    ended = {
        "id": "images:1",
        "buildComplete": True,
        "buildStatus": status,
        "logs": {"groupName": "g", "streamName": "s"},
    }
    session = Session(start_build={"build": started}, batch_get_builds={"builds": [ended]}, **answers)
    monkeypatch.setenv("IMAGE_PROJECT", "fraud--scoring-images")
    monkeypatch.setattr("boto3.client", lambda name, **_: session.client(name))
    monkeypatch.setattr(images, "POLL_SECONDS", 0)
    return session


def test_ci_starts_the_project_of_images_for_the_commit_and_names_the_digests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "algorithms" / "training" / "train").mkdir(parents=True)
    (tmp_path / "algorithms" / "training" / "train" / "dockerfile").touch()
    pushed = {"images": [{"imageId": {"imageDigest": "sha256:5"}}]}
    session = in_ci(monkeypatch, "SUCCEEDED", batch_get_image=pushed)
    (first, image) = build_images(tmp_path, build_foundation(), AT, push=True)
    (started,) = session.requests("start_build")
    assert (started["projectName"], started["sourceVersion"]) == ("fraud--scoring-images", AT.commit)
    assert started["environmentVariablesOverride"] == [{"name": "TAG", "type": "PLAINTEXT", "value": AT.commit}]
    assert first == "fraud--scoring-images: images:1"
    assert image.partition(": ")[0] == "train"
    assert image.endswith("/train@sha256:5")


def test_a_failed_build_of_images_fails_the_build_with_what_its_program_said_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = "Phase context status code: COMMAND_EXECUTION_ERROR Message: Error while executing command: python - <<P"
    lines = [
        "[Container] 2026/11/28 20:42:07 Running command python - <<P",
        "no container engine answers: docker: not found\n",
        "[Container] 2026/11/28 20:42:28 Phase complete: BUILD State: FAILED",
        f"[Container] 2026/11/28 20:42:28 {context}",
        *["a line of the program"] * 200,
        "[Container] 2026/11/28 20:42:28 Phase complete: POST_BUILD State: SUCCEEDED",
    ]
    in_ci(monkeypatch, "FAILED", get_log_events={"events": [{"message": line} for line in lines]})
    with pytest.raises(
        ProjectError, match=r"images:1 has the status FAILED\nno container engine answers: docker: not found$"
    ):
        list(build_images(tmp_path, build_foundation(), AT, push=True))


def test_an_image_that_the_project_did_not_push_fails_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "algorithms" / "training" / "train").mkdir(parents=True)
    (tmp_path / "algorithms" / "training" / "train" / "dockerfile").touch()
    in_ci(monkeypatch, "SUCCEEDED", batch_get_image={"images": []})
    with pytest.raises(ProjectError, match="has pushed no image of the step train"):
        list(build_images(tmp_path, build_foundation(), AT, push=True))


def test_without_a_container_engine_the_build_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProjectError, match="images: no container engine answers on this machine"):
        next(build_images(tmp_path, build_foundation(), AT, push=False))
