"""Which locks of the engine are found in a backend, and how they are removed."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime

import boto3
import pytest
from moto import mock_aws

from selfservice.engine.locks.backend_locks import damaged_locks, locks_of, remove_locks

FOLDER = ".pulumi/locks/organization/acme"


def lock(process_id: int, host: str) -> bytes:
    now = datetime.now(UTC).isoformat()
    content = {"pid": process_id, "username": "ana", "hostname": host, "timestamp": now}
    return json.dumps(content).encode()


@pytest.fixture
def project(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: acme\n")
    return tmp_path


def test_locks_in_a_folder_are_found_and_removed_one_by_one(project, ended_engine, monkeypatch):
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{project}/all%20states")
    folder = project / "all states" / FOLDER
    for stack, name, content in (
        ("fraud", "dead", lock(ended_engine, socket.gethostname())),
        ("fraud", "elsewhere", lock(ended_engine, "elsewhere")),
        ("churn", "other", lock(ended_engine, socket.gethostname())),
    ):
        (folder / stack).mkdir(parents=True, exist_ok=True)
        (folder / stack / f"{name}.json").write_bytes(content)
    found = locks_of(project, "fraud")
    assert [owner.host for owner in found if not owner.is_dead] == ["elsewhere"]
    remove_locks(owner for owner in found if owner.is_dead)
    left = {file.relative_to(folder).as_posix() for file in folder.rglob("*.json")}
    assert left == {"fraud/elsewhere.json", "churn/other.json"}


def test_a_stack_that_was_never_locked_has_no_locks(project, monkeypatch):
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{project}")
    assert locks_of(project, "fraud") == []


def test_locks_in_a_bucket_are_found_and_removed_one_by_one(project, ended_engine, monkeypatch):
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://states?region=us-east-1&awssdk=v2")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    locks = {host: lock(ended_engine, host) for host in (socket.gethostname(), "elsewhere")}
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="states")
        for key, host in (
            ("fraud/dead 1.json", socket.gethostname()),
            ("fraud/elsewhere.json", "elsewhere"),
            ("fraud-development/other.json", socket.gethostname()),
        ):
            s3.put_object(Bucket="states", Key=f"{FOLDER}/{key}", Body=locks[host])
        remove_locks(owner for owner in locks_of(project, "fraud") if owner.is_dead)
        left = [found["Key"] for found in s3.list_objects_v2(Bucket="states")["Contents"]]
    assert left == [f"{FOLDER}/fraud-development/other.json", f"{FOLDER}/fraud/elsewhere.json"]


def test_other_backends_are_left_to_the_engine(project, monkeypatch):
    monkeypatch.setenv("PULUMI_BACKEND_URL", "azblob://states")
    assert locks_of(project, "fraud") == []


@pytest.mark.parametrize("content", ["", "[]", '{"pid": 12'])
def test_a_damaged_lock_is_no_owner_and_is_named(project, monkeypatch, content):
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{project}")
    folder = project / FOLDER / "fraud"
    folder.mkdir(parents=True)
    (folder / "odd.json").write_text(content)
    (folder / "good.json").write_bytes(lock(1, "elsewhere"))
    assert [owner.host for owner in locks_of(project, "fraud")] == ["elsewhere"]
    assert damaged_locks(project, "fraud") == [f"file://{folder}/odd.json"]
