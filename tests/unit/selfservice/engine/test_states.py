"""Tests of the states that a worker reads itself, and of those for which it calls the engine's command line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from selfservice.engine import automation as engine
from selfservice.engine.automation import open_stack, state_of
from selfservice.engine.backend import secrets_keys
from selfservice.engine.differences import SIGNATURE
from selfservice.engine.locks.lock_owners import lock_owners_in
from tests.support.skippable_project import STACK, UPSTREAM, SkippableProject

ENGINE = """\
#!/bin/sh
[ "$1" = version ] && { echo v3.220.0; exit; }
echo "$@" >> "$(dirname "$0")/asked"
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    made = SkippableProject.create(tmp_path)
    made.write("bin/pulumi", ENGINE)
    for name, value in made.variables().items():
        monkeypatch.setenv(name, value)
    engine.command.cache_clear()
    return made


@pytest.fixture
def asked(project) -> Callable[[], list[str]]:
    """The commands that the engine got, without the options that each has."""
    log: Path = project.root / "bin" / "asked"
    return lambda: [line.replace("--non-interactive", "").strip() for line in log.read_text().splitlines()]


def test_a_state_in_a_folder_and_its_outputs_are_read_without_a_command(project):
    project.write_state(STACK, outputs={"account_id": "1", "key": {SIGNATURE: "secret", "ciphertext": "x"}})
    stack = open_stack(project.operation(), {})
    assert engine.outputs_of(state_of(stack, [UPSTREAM]))["account_id"] == "1"
    outputs = stack.outputs()
    assert (outputs["account_id"].value, outputs["account_id"].secret, outputs["key"].secret) == ("1", False, True)
    assert not (project.root / "bin" / "asked").exists()


def test_the_last_update_in_a_folder_is_read_without_a_command(project):
    stack = open_stack(project.operation(), {})
    folder = project.root / "state" / ".pulumi" / "history" / "small" / STACK
    assert stack.history(page_size=1, show_secrets=False) == []
    for time, kind, config in (
        (9, "update", {}),
        (11, "destroy", {"small:team": {"cidr": "10.0.0.0/8"}, "small:key": {"a": [{"secure": "x"}]}, "small:n": "1"}),
    ):
        file = folder / f"{STACK}-{time:019}.history.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"kind": kind, "config": config}))
    (last,) = stack.history(page_size=1, show_secrets=False)
    assert last.kind == "destroy"
    assert {key: (value.value, value.secret) for key, value in last.config.items()} == {
        "small:team": ('{"cidr": "10.0.0.0/8"}', False),
        "small:key": ("[secret]", True),
        "small:n": ("1", False),
    }
    assert not (project.root / "bin" / "asked").exists()


def test_a_history_in_an_unexpected_format_is_left_to_the_engine(project, asked):
    folder = project.root / "state" / ".pulumi" / "history" / "small" / STACK
    folder.mkdir(parents=True)
    (folder / f"{STACK}-1.history.json").write_text('{"version": 9}')
    with pytest.raises(json.JSONDecodeError):  # this engine prints nothing
        open_stack(project.operation(), {}).history(page_size=1, show_secrets=False)
    assert asked() == [f"stack history --json --page-size 1 --page 1 --stack {STACK}"]


def test_what_a_worker_changes_in_a_state_that_it_read_is_not_what_it_reads_next(project):
    stack = open_stack(project.operation(), {})
    state_of(stack, []).deployment["resources"].clear()
    assert len(engine.resources_of(state_of(stack, []))) == 1


def test_a_new_stack_is_initialised_with_those_that_it_reads_and_nothing_is_asked_of_it(project, asked):
    states = project.root / "state" / ".pulumi" / "stacks" / "small"
    (states / f"{STACK}.json").unlink()
    stack = open_stack(project.operation(), {})
    assert engine.resources_of(state_of(stack, [UPSTREAM, "new"])) == []
    assert [line.split()[-3:] for line in asked()] == [["init", "--no-select", "new"], ["init", "--no-select", STACK]]


@pytest.mark.parametrize("key", ["encryptionsalt", "encryptedkey"])
def test_a_new_stack_with_a_key_for_secrets_is_initialized_without_a_command(project, key):
    states = project.root / "state" / ".pulumi" / "stacks" / "small"
    (states / f"{STACK}.json").unlink()
    project.write(f"project/settings/Pulumi.{STACK}.yaml", f"{key}: v1:salt\n")
    stack = open_stack(project.operation(), {})
    assert engine.resources_of(state_of(stack, [])) == []
    assert project.backend.deployment(STACK) == {}
    assert sorted(file.name for file in states.parent.parent.iterdir()) == ["meta.yaml", "stacks"]
    assert not (project.root / "bin" / "asked").exists()


def test_a_stack_that_exists_is_not_initialized_again(project):
    before = project.backend.deployment(STACK)
    assert not project.backend.initialize(STACK)
    assert project.backend.deployment(STACK) == before


def test_where_the_states_are_no_files_of_this_machine_the_engine_is_asked(project, asked, monkeypatch):
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://states")
    engine.backend_of.cache_clear()
    with pytest.raises(json.JSONDecodeError):  # this engine says nothing
        state_of(open_stack(project.operation(), {}), [])
    engine.backend_of.cache_clear()
    assert asked() == [f"stack export --stack {STACK}"]


def test_a_new_stack_gets_the_secrets_provider_of_its_file(project, asked):
    (project.root / "state" / ".pulumi" / "stacks" / "small" / f"{STACK}.json").unlink()
    project.write(f"project/settings/Pulumi.{STACK}.yaml", "secretsprovider: awskms://alias/states\n")
    state_of(open_stack(project.operation(), {}), [])
    assert asked() == [f"stack init --no-select --secrets-provider=awskms://alias/states {STACK}"]


def test_the_keys_of_secrets_are_read_from_the_files_of_stacks(project):
    key = "arn:aws:kms:eu-west-1:123456789012:key/k"
    for stack, provider in {"a": f"awskms:///{key}?region=eu-west-1&awssdk=v2", "b": "awskms://alias/states"}.items():
        project.write(f"project/settings/Pulumi.{stack}.yaml", f"secretsprovider: {provider}\n")
    project.write("project/settings/Pulumi.c.yaml", "encryptionsalt: v1:salt\n")
    assert secrets_keys(project.root / "project", ["a", "b", "c", "absent"]) == {key, "alias/states"}


@pytest.mark.parametrize(
    ("own", "written"),
    [
        (None, "secretsprovider: awskms://alias/all\n"),
        ("config: {}\n", "secretsprovider: awskms://alias/all\nconfig: {}\n"),
        ("encryptionsalt: v1:salt\n", "encryptionsalt: v1:salt\n"),
        ("secretsprovider: awskms://alias/own\n", "secretsprovider: awskms://alias/own\n"),
    ],
)
def test_a_stack_whose_file_names_no_key_gets_the_provider_of_the_organization(project, own, written):
    project.write("project/settings/Pulumi.organization.yaml", "secretsprovider: awskms://alias/all\n")
    file = project.root / "project" / "settings" / f"Pulumi.{STACK}.yaml"
    file.unlink(missing_ok=True)
    if own is not None:
        project.write(f"project/settings/Pulumi.{STACK}.yaml", own)
        os.link(file, file.with_suffix(".linked"))
    open_stack(project.operation(), {})
    assert file.read_text() == written
    assert own is None or file.with_suffix(".linked").read_text() == own


def test_the_lock_of_a_stack_that_was_never_created_is_removed_from_its_bucket(project, monkeypatch):
    project.write("bin/pulumi", ENGINE + f"echo \"error: no stack named '{STACK}' found\" >&2\nexit 255\n")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    left, other = (f".pulumi/locks/organization/small/{stack}/1.json" for stack in (STACK, "other"))
    refusal = f"  s3://states/{left}?region=us-east-1: created by ana@here (pid 42) at 2025-01-31T12:00:00Z"
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="states")
        for key in (left, other):
            s3.put_object(Bucket="states", Key=key, Body=b"{}")
        engine.break_locks(open_stack(project.operation(), {}), lock_owners_in(refusal))
        assert [found["Key"] for found in s3.list_objects_v2(Bucket="states")["Contents"]] == [other]
