"""The end of feature branches, against buckets and a SageMaker that are kept in memory."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from generated import build_foundation, build_repository
from plinth_project.build.branches import removal
from plinth_project.build.branches.command import clean_up
from plinth_project.build.branches.records import (
    BuildRecord,
    read_records,
    record_key,
    registry_bucket,
    write_record,
)
from plinth_project.build.branches.removal import Removal, reason_to_remove
from plinth_project.build.command import main
from plinth_project.build.git import contains, remote_branches
from plinth_project.documents import ProjectError

AT = datetime(2022, 7, 1, tzinfo=UTC)


def record(branch: str, build_id: str = "20220621T101500-1a2b3c4", commit: str = "1a2b3c4d" * 5) -> BuildRecord:
    return BuildRecord(
        branch=branch, build_id=build_id, commit=commit, pipeline="training", definition_sha256="0", ci_build=""
    )


class Aws:
    """One account with buckets, pipelines and groups, as much as a removal calls."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}
        self.tags: dict[str, str] = {}
        self.running: dict[str, str] = {}
        self.groups: dict[str, list[str]] = {}
        self.calls: list[str] = []
        self.kept = ""

    def client(self, _: str) -> Aws:
        return self

    def get_paginator(self, operation: str) -> Any:
        return type("Pages", (), {"paginate": lambda _, **given: getattr(self, f"_{operation}")(**given)})()

    def keys(self, prefix: str) -> list[str]:
        return [key for _, key in sorted(self.objects) if key.startswith(prefix)]

    def put_object(self, Bucket: str, Key: str, Body: bytes, Tagging: str = "", **_: str) -> None:  # noqa: N803
        self.objects[Bucket, Key] = Body
        self.tags[Key] = Tagging

    def get_object(self, Bucket: str, Key: str) -> Any:  # noqa: N803
        return {"Body": type("Body", (), {"read": lambda _: self.objects[Bucket, Key]})()}

    def delete_objects(self, Bucket: str, Delete: Any) -> Any:  # noqa: N803
        self.calls.append("delete_objects")
        for object_ in Delete["Objects"]:
            if object_["Key"] == self.kept:
                return {"Errors": [{"Key": self.kept, "Code": "AccessDenied"}]}
            del self.objects[Bucket, object_["Key"]]
        return {}

    def _list_objects_v2(self, Bucket: str, Prefix: str) -> Iterator[Any]:  # noqa: N803
        found = [(key, body) for (bucket, key), body in sorted(self.objects.items()) if bucket == Bucket]
        contents = [{"Key": key, "Size": len(body), "ETag": '"1"'} for key, body in found if key.startswith(Prefix)]
        yield {"Contents": contents} if contents else {}

    def describe_pipeline(self, PipelineName: str) -> None:  # noqa: N803
        if PipelineName not in self.running:
            raise error("ResourceNotFound")

    def _list_pipeline_executions(self, PipelineName: str) -> Iterator[Any]:  # noqa: N803
        status = self.running[PipelineName]
        yield {
            "PipelineExecutionSummaries": [{"PipelineExecutionArn": PipelineName, "PipelineExecutionStatus": status}]
        }

    def stop_pipeline_execution(self, PipelineExecutionArn: str, ClientRequestToken: str) -> None:  # noqa: N803
        assert len(ClientRequestToken) >= 32
        self.running[PipelineExecutionArn] = "Stopped"

    def delete_pipeline(self, PipelineName: str, **_: str) -> None:  # noqa: N803
        assert self.running.pop(PipelineName) == "Stopped"

    def describe_model_package_group(self, ModelPackageGroupName: str) -> None:  # noqa: N803
        if ModelPackageGroupName not in self.groups:
            raise error("ValidationException")

    def _list_model_packages(self, ModelPackageGroupName: str) -> Iterator[Any]:  # noqa: N803
        versions = self.groups[ModelPackageGroupName]
        yield {"ModelPackageSummaryList": [{"ModelPackageArn": arn} for arn in versions]}

    def describe_model_package(self, ModelPackageName: str) -> Any:  # noqa: N803
        lineage = {"f1": "0.71"}
        return {
            "ModelPackageArn": ModelPackageName,
            "ModelApprovalStatus": "PendingManualApproval",
            "CreationTime": AT,
            "CustomerMetadataProperties": lineage,
        }

    def delete_model_package(self, ModelPackageName: str) -> None:  # noqa: N803
        self.groups[ModelPackageName.partition("/")[0]].remove(ModelPackageName)

    def delete_model_package_group_policy(self, ModelPackageGroupName: str) -> None:  # noqa: N803
        self.describe_model_package_group(ModelPackageGroupName)

    def delete_model_package_group(self, ModelPackageGroupName: str) -> None:  # noqa: N803
        self.describe_model_package_group(ModelPackageGroupName)
        assert not self.groups.pop(ModelPackageGroupName)


def error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "Operation")


def built(aws: Aws, branch: str, **given: str) -> BuildRecord:
    """Records a build with data, a model, a running pipeline and a version."""
    made, names = record(branch, **given), build_foundation().names(branch)
    write_record(build_foundation(), registry_bucket(build_foundation(), aws), made)
    aws.put_object(build_foundation().development.bucket, f"{names.builds}{made.build_id}/input/data.csv", b"1,2")
    aws.put_object(build_foundation().registry.bucket, f"{names.models}{made.build_id}/model.tar.gz", b"model")
    aws.running[names.pipeline("training")] = "Executing"
    aws.groups.setdefault(names.group, []).append(f"{names.group}/{len(aws.groups[names.group]) + 1}")
    return made


def remove(aws: Any, builds: list[BuildRecord]) -> Removal:
    return Removal(
        foundation=build_foundation(),
        registry=aws,
        development=aws,
        builds=builds,
        reason="merged",
        at=AT,
    )


@pytest.mark.parametrize(
    ("tips", "merged", "days", "reason"),
    [
        ({"feature/x": "tip"}, "tip", 30, "merged"),
        ({}, "1a2b3c4d" * 5, 30, "merged"),
        ({"feature/x": "tip"}, "1a2b3c4d" * 5, 30, ""),
        ({}, "", 30, ""),
        ({"feature/x": "tip"}, "", 10, ""),
        ({"feature/x": "tip"}, "", 9, "not built for 9 days"),
        ({}, "", 9, "not built for 9 days"),
    ],
)
def test_a_branch_has_ended_if_its_last_commit_is_in_main_or_nobody_builds_it(
    tips: dict[str, str], merged: str, days: int, reason: str
) -> None:
    assert reason_to_remove([record("feature/x")], tips, lambda commit: commit == merged, AT, days) == reason


def test_a_removal_leaves_a_manifest_and_every_other_branch() -> None:
    aws = Aws()
    builds = [built(aws, "feature/x"), built(aws, "feature/x", build_id="20220622T101500-1a2b3c4")]
    built(aws, "feature/y")
    names, other = (
        build_foundation().names("feature/x"),
        build_foundation().names("feature/y"),
    )
    others = {key: body for key, body in aws.objects.items() if other.folder in key[1]}
    remove(aws, builds).run()
    (manifest,) = [key for key in aws.objects if names.folder in key[1]]
    assert manifest[1] == f"{names.removed_branches}{names.folder}/20220622T101500-1a2b3c4.json"
    assert aws.tags[manifest[1]] == "retention=branch-manifest"
    found = json.loads(aws.objects[manifest])
    assert [build["build_id"] for build in found["builds"]] == [build.build_id for build in builds]
    assert [version["lineage"] for version in found["versions"]] == [{"f1": "0.71"}, {"f1": "0.71"}]
    assert found["builds"][0]["bytes"] == 3
    assert {key: body for key, body in aws.objects.items() if key != manifest} == others
    assert set(aws.running) == {other.pipeline("training")}
    assert set(aws.groups) == {other.group}


def test_an_interrupted_removal_continues_and_keeps_its_manifest() -> None:
    aws = Aws()
    builds = [built(aws, "feature/x")]
    aws.kept = record_key(build_foundation(), builds[0])
    with pytest.raises(OSError, match="is not deleted: AccessDenied"):
        remove(aws, builds).run()
    aws.kept = ""
    assert [
        build.build_id
        for build in read_records(build_foundation(), registry_bucket(build_foundation(), aws))["feature/x"]
    ]
    remove(aws, builds).run()
    (manifest,) = aws.objects.values()
    assert json.loads(manifest)["builds"][0]["objects"] == 1
    assert not read_records(build_foundation(), registry_bucket(build_foundation(), aws))


def test_an_execution_that_does_not_stop_leaves_the_branch(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = Aws()
    builds = [built(aws, "feature/x")]
    monkeypatch.setattr(removal, "STOP_SECONDS", -1)
    monkeypatch.setattr(Aws, "stop_pipeline_execution", lambda *_, **__: None)
    with pytest.raises(ProjectError, match="does not stop"):
        remove(aws, builds).run()
    assert aws.keys(build_foundation().names("feature/x").models)


@pytest.mark.parametrize("branch", ["main", "develop"])
def test_permanent_branches_cannot_be_removed(branch: str) -> None:
    aws = Aws()
    with pytest.raises(ProjectError, match="is not a feature branch"):
        remove(aws, [record(branch)]).run()
    assert aws.calls == []


def git(folder: Path, *words: str) -> str:
    author = ["-c", "user.name=Ana", "-c", "user.email=ana@acme.example"]
    command = ["git", *author, *words]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone whose remote repository has main, and feature/x with a commit of its own."""
    monkeypatch.delenv("CODEBUILD_SOURCE_REPO_URL", raising=False)
    monkeypatch.delenv("BRANCH", raising=False)
    origin, folder = tmp_path / "origin", tmp_path / "clone"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch", "main", str(origin))
    git(tmp_path, "clone", "--quiet", str(origin), str(folder))
    git(folder, "switch", "--quiet", "--orphan", "main")
    (folder / "foundation.json").write_text((build_repository() / "foundation.json").read_text())
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "First")
    git(folder, "switch", "--quiet", "--create", "feature/x")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "Second")
    git(folder, "push", "--quiet", "origin", "main", "feature/x")
    git(folder, "switch", "--quiet", "main")
    return folder


def test_the_repository_says_which_branches_exist_and_what_main_contains(clone: Path) -> None:
    tips = remote_branches(clone)
    assert tips == {name: git(clone, "rev-parse", name) for name in ("main", "feature/x")}
    assert (contains(clone, tips["main"]), contains(clone, tips["feature/x"])) == (True, False)
    assert not contains(clone, "0" * 40)


def test_merged_branches_are_removed_and_a_repeat_finds_nothing(
    clone: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEATURE_BRANCH_DAYS", str((datetime.now(UTC) - AT + timedelta(days=365)).days))
    aws = Aws()
    built(aws, "feature/x")
    built(aws, "feature/y")
    clean_up(clone, build_foundation(), (aws, aws))
    assert capsys.readouterr().out == "feature/x: stays\nfeature/y: stays\n"
    git(clone, "merge", "--quiet", "feature/x")
    clean_up(clone, build_foundation(), (aws, aws), only_print=True)
    assert "feature/x: merged, would be removed" in capsys.readouterr().out
    clean_up(clone, build_foundation(), (aws, aws))
    assert "feature/x: removed; see s3://" in capsys.readouterr().out
    before = dict(aws.objects)
    clean_up(clone, build_foundation(), (aws, aws))
    assert capsys.readouterr().out == "feature/y: stays\n"
    assert aws.objects == before


@pytest.mark.parametrize("order", [("feature/x", "feature/y"), ("feature/y", "feature/x")])
def test_branches_are_removed_in_the_order_of_their_merges(
    clone: Path, order: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEATURE_BRANCH_DAYS", str((datetime.now(UTC) - AT + timedelta(days=365)).days))
    git(clone, "switch", "--quiet", "--create", "feature/y")
    git(clone, "commit", "--quiet", "--allow-empty", "--message", "Third")
    git(clone, "push", "--quiet", "origin", "feature/y")
    git(clone, "switch", "--quiet", "main")
    aws = Aws()
    for branch in order:
        built(aws, branch, commit=git(clone, "rev-parse", branch))
    main_key = f"{build_foundation().names('main').builds}20220621T101500-1a2b3c4/input/data.csv"
    aws.put_object(build_foundation().development.bucket, main_key, b"1,2")
    for branch, left in zip(order, (order[1:], ()), strict=True):
        git(clone, "merge", "--quiet", "--no-edit", branch)
        clean_up(clone, build_foundation(), (aws, aws))
        assert set(aws.groups) == {build_foundation().names(name).group for name in left}
        assert set(aws.running) == {build_foundation().names(name).pipeline("training") for name in left}
    kept = [key for _, key in aws.objects if not key.startswith(build_foundation().names("main").removed_branches)]
    assert kept == [main_key]


def test_one_refused_removal_does_not_keep_the_next_branch(clone: Path) -> None:
    aws = Aws()
    kept, gone = built(aws, "feature/a"), built(aws, "feature/b")
    aws.kept = record_key(build_foundation(), kept)
    with pytest.raises(ProjectError, match=r"feature/a: s3://.* is not deleted"):
        clean_up(clone, build_foundation(), (aws, aws))
    assert not [key for _, key in aws.objects if key == record_key(build_foundation(), gone)]


def test_nothing_is_removed_if_the_remote_repository_does_not_answer_or_has_no_main(
    clone: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    aws = Aws()
    built(aws, "feature/x")
    before = dict(aws.objects)
    monkeypatch.setenv("CODEBUILD_SOURCE_REPO_URL", str(tmp_path / "nowhere"))
    with pytest.raises(ProjectError, match="does not answer"):
        clean_up(clone, build_foundation(), (aws, aws))
    monkeypatch.delenv("CODEBUILD_SOURCE_REPO_URL")
    git(tmp_path / "origin", "update-ref", "-d", "refs/heads/main")
    with pytest.raises(ProjectError, match="has no main"):
        clean_up(clone, build_foundation(), (aws, aws))
    assert aws.objects == before


def test_only_builds_of_main_remove_branches(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(clone, "switch", "--quiet", "feature/x")
    main(clone, ["clean-up"])
    assert "Builds of main remove branches; this one is of feature/x." in capsys.readouterr().out
