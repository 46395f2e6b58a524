import json
import os
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from selfservice.engine.access.read_only_states import read_only_states
from selfservice.engine.backend import backend_of
from selfservice.projects.project import Project
from selfservice.projects.states import states_read_by

PROJECT = "name: acme\n"
ACCOUNT = "111122223333"
DEPLOYER = "arn:aws:iam::111122223333:role/OrganizationAccountAccessRole"
REVIEWER = "arn:aws:iam::111122223333:role/plinth/platform-reviewer"
OTHER = {"urn": "urn:bucket", "type": "aws:s3/bucket:Bucket", "inputs": {"bucket": "lake"}}


def provider(**inputs):
    accounts = inputs.pop("accounts", json.dumps([ACCOUNT]))
    values = {"allowedAccountIds": accounts, "region": "eu-west-1", **inputs}
    return {"urn": "urn:provider", "type": "pulumi:providers:aws", "inputs": values, "outputs": dict(values)}


def write_state(backend, stack, *resources):
    folder = backend / ".pulumi" / "stacks" / "acme"
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = {"latest": {"resources": list(resources)}} if resources else {}
    (folder / f"{stack}.json").write_text(json.dumps({"version": 3, "checkpoint": checkpoint}))


@pytest.fixture
def backend(tmp_path, monkeypatch):
    folder = tmp_path / "backend"
    (folder / ".pulumi").mkdir(parents=True)
    (folder / ".pulumi" / "meta.yaml").write_text("version: 1\n")
    monkeypatch.setenv("PULUMI_BACKEND_URL", folder.as_uri())
    backend_of.cache_clear()
    yield folder
    backend_of.cache_clear()


@pytest.fixture
def project(tmp_path, backend):
    directory = tmp_path / "project"
    directory.mkdir()
    (directory / "Pulumi.yaml").write_text(PROJECT)
    return Project(
        directory=directory,
        program_directory=directory,
        graph={"organization": (), "audit": ("organization",), "other": (), "team-pre": (), "team": ("audit",)},
        organization="acme",
        management_account_id=None,
        home_region="eu-west-1",
        rehearsals={"team": "team-pre"},
        account_of={},
        studio_users={},
        delivery_people={},
        relaxed_rules=(),
        read_only=True,
    )


def read_only(project, *stacks):
    return read_only_states(project.directory, states_read_by(project, stacks))


def copied(project):
    """The resources of each stack that the engine would find now."""
    found = backend_of(project.directory)
    return {stack: (found.deployment(stack) or {}).get("resources") for stack in sorted(found.stacks())}


def test_a_preview_gets_copies_of_the_states_that_it_reads(project, backend):
    for stack in ("organization", "audit", "other", "team-pre", "team", "left"):
        write_state(backend, stack, OTHER)
    with read_only(project, "team"):
        assert os.environ["PULUMI_BACKEND_URL"] != backend.as_uri()
        assert copied(project).keys() >= {"audit", "team", "team-pre"}
        assert not copied(project).keys() & {"other", "left"}
        assert copied(project)["team"] == [OTHER]


def test_providers_in_the_copies_assume_the_roles_for_reviews(project, backend):
    roles = json.dumps([{"roleArn": DEPLOYER, "sessionName": "plinth-team"}])
    write_state(backend, "team", provider(assumeRoles=roles), OTHER)
    write_state(backend, "audit", provider())
    with read_only(project, "team"):
        states = copied(project)
    entered = [{"roleArn": REVIEWER, "sessionName": "plinth-team"}]
    for values in (states["team"][0]["inputs"], states["team"][0]["outputs"]):
        assert json.loads(values["assumeRoles"]) == entered
    # Providers of the management account have no role in the state.
    (of_audit,) = states["audit"]
    assert json.loads(of_audit["inputs"]["assumeRoles"]) == [{**entered[0], "sessionName": "plinth-audit"}]
    (unchanged, _) = backend_of(project.directory).deployment("team")["resources"]
    assert json.loads(unchanged["inputs"]["assumeRoles"])[0]["roleArn"] == DEPLOYER


def test_lists_that_are_no_texts_stay_lists(project, backend):
    write_state(backend, "team", provider(accounts=[ACCOUNT]))
    with read_only(project, "team"):
        assert copied(project)["team"][0]["inputs"]["assumeRoles"][0]["roleArn"] == REVIEWER


def test_nothing_that_a_preview_writes_reaches_the_backend(project, backend):
    write_state(backend, "audit", OTHER)
    before = {file: file.read_bytes() for file in backend.rglob("*.json")}
    with read_only(project, "team"):
        copy = Path(urlsplit(os.environ["PULUMI_BACKEND_URL"]).path)
        assert os.environ["PLINTH_READ_ONLY"]
        assert backend_of(project.directory).initialize("team")
        assert copied(project)["team"] is None
    assert {file: file.read_bytes() for file in backend.rglob("*.json")} == before
    assert not copy.exists()
    assert os.environ["PULUMI_BACKEND_URL"] == backend.as_uri()
    assert "PLINTH_READ_ONLY" not in os.environ


def test_an_empty_stack_stays_empty(project, backend):
    write_state(backend, "team")
    with read_only(project, "team"):
        assert copied(project) == {"team": None}


def test_locks_and_logs_of_read_only_operations_are_apart(project, monkeypatch):
    monkeypatch.setenv("PLINTH_STATE_DIR", "/somewhere")
    assert project.state_directory != replace(project, read_only=False).state_directory
    with read_only(project):
        inside = project.state_directory
    assert inside == project.state_directory
