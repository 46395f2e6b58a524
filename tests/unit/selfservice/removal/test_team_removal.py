import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from selfservice.cli.command import main
from selfservice.cli.commands.team import remove as command
from selfservice.errors import BadInputError
from selfservice.projects.project import open_project
from selfservice.projects.states import existing_stacks
from selfservice.removal import refusals
from selfservice.removal.leftovers import with_leftovers
from selfservice.removal.removal_text import described, remaining
from selfservice.removal.team_removal import (
    files_without_team,
    plan_removal,
    plan_use_case_removal,
    settings_that_name,
)
from settings.files.loader import load
from tests.support.workbench import REPOSITORY
from tests.unit.selfservice.removal.test_leftovers import project, write_state  # noqa: F401 (a fixture)

BUCKET = "aws:s3/bucket:Bucket"


def resource(type_, id_, **more):
    return {"urn": f"urn:{type_}", "type": type_, "id": id_, "outputs": {"name": f"acme-{id_}"}, **more}


def held(*resources):
    return json.dumps({"version": 3, "checkpoint": {"latest": {"resources": list(resources)}}})


def plan(small, team):
    found = with_leftovers(open_project(small.directory))
    return plan_removal(found, team, sorted(existing_stacks(found)))


def test_a_removal_lists_the_accounts_that_stay_and_the_buckets_that_go(project):  # noqa: F811
    write_state(project, "fraud", held(resource("aws:organizations/account:Account", "111111111111")))
    kept = resource("aws:s3/bucket:Bucket", "kept", retainOnDelete=True)
    write_state(project, "fraud-experimentation", held(resource("aws:s3/bucket:Bucket", "ml-exp-fraud"), kept))
    removal = plan(project, "fraud")
    assert removal.accounts == {"acme-111111111111": "111111111111"}
    assert removal.buckets == ("ml-exp-fraud",)
    assert removal.stacks == {"fraud": 1, "fraud-experimentation": 2, "fraud-experimentation-studio": 1}
    assert [file.name for file in removal.files] == ["Pulumi.fraud.yaml"]


def test_an_interrupted_removal_goes_on_with_what_is_left(project):  # noqa: F811
    project.settings_file("fraud").unlink()
    for stack in ("fraud-experimentation", "fraud-experimentation-studio"):
        write_state(project, stack, held())
    removal = plan(project, "fraud")
    assert removal.stacks == {"fraud": 1}
    assert set(removal.states) == {"fraud", "fraud-experimentation", "fraud-experimentation-studio"}


def test_files_of_a_team_that_nothing_declares_are_set_aside_and_those_of_other_teams_are_not(project):  # noqa: F811
    folder = project.settings_file("fraud").parent
    assert files_without_team(folder, "fraud") == []
    for name in ("fraud", "fraud-experimentation", "fraud-eu", "fraud-eu-experimentation"):
        project.settings_file(name).write_text("encryptionsalt: v1:abc\n")
    found = [file.name for file in files_without_team(folder, "fraud")]
    assert found == ["Pulumi.fraud-experimentation.yaml", "Pulumi.fraud.yaml"]


def test_published_data_that_still_names_the_team_is_updated_first(project):  # noqa: F811
    write_state(project, "fraud", held(resource("aws:organizations/account:Account", "111111111111")))
    for name, inputs in {"cards": {"key": "team-fraud"}, "other": {"key": "team-fraud-eu"}, "shares": {
        "principal": "arn:aws:iam::111111111111:root"
    }}.items():  # fmt: skip
        write_state(project, f"data-lake--{name}", held({"urn": "u", "type": "t", "inputs": inputs}))
    found = with_leftovers(open_project(project.directory))
    removal = plan_removal(found, "fraud", sorted(existing_stacks(found)))
    assert removal.published == ("data-lake--cards", "data-lake--shares")


def test_a_team_that_nobody_knows_is_refused(project):  # noqa: F811
    with pytest.raises(BadInputError, match="there is no team sales"):
        plan(project, "sales")


def test_settings_that_share_data_with_the_team_are_named_with_their_fields():
    foundation = load(Path(REPOSITORY))
    named = dict(line.split(": ") for line in settings_that_name(foundation, "fraud"))
    assert "shared_with.fraud" in named["Pulumi.data-lake--card-payments.yaml"]
    assert "returned_by.fraud" in named["Pulumi.data-lake--fraud-scores.yaml"]
    assert "Pulumi.features--card-activity.yaml" in named
    assert settings_that_name(foundation, "sales") == []


@pytest.mark.requirement("TOOL-04.b")
def test_code_images_and_models_of_a_use_case_stay_and_its_stack_is_destroyed_first(project):  # noqa: F811
    kept = [
        resource("aws:codecommit/repository:Repository", "fraud--scoring-build", protect=True),
        resource("aws:ecr/repository:Repository", "fraud/scoring/train", protect=True),
        resource("aws:sagemaker/modelPackageGroup:ModelPackageGroup", "fraud--scoring-main", protect=True),
    ]
    write_state(project, "fraud--scoring", held(*kept, resource("aws:iam/role:Role", "fraud--scoring-dev-operator")))
    write_state(project, "fraud-development", held(resource("aws:s3/bucket:Bucket", "ml-dev-fraud")))
    removal = plan(project, "fraud")
    assert removal.kept == {
        "fraud--scoring": (
            "repository fraud--scoring-build",
            "image repository fraud/scoring/train",
            "model package group fraud--scoring-main",
        )
    }
    destroyed = list(reversed(list(removal.stacks)))
    assert destroyed.index("fraud--scoring") < destroyed.index("fraud-development") < destroyed.index("fraud")
    listed = described(removal)
    assert "  stays, in the tooling account: image repository fraud/scoring/train\n" in listed
    assert "model package group fraud--scoring-main" in remaining(removal)


@pytest.mark.requirement("TOOL-04.b")
def test_the_removal_of_a_use_case_lists_its_stack_alone_and_what_stays(project):  # noqa: F811
    repository = resource("aws:codecommit/repository:Repository", "fraud--scoring-build", protect=True)
    buckets = [resource(BUCKET, "acme-kept", protect=True), resource(BUCKET, "acme-other")]
    write_state(project, "fraud--scoring", held(repository, *buckets, resource("aws:iam/role:Role", "operator")))
    found = with_leftovers(open_project(project.directory))
    removal = plan_use_case_removal(found, "fraud--scoring", sorted(existing_stacks(found)))
    assert described(removal) == (
        "Use case fraud--scoring: 1 stack with 4 resources\n"
        "  destroyed: fraud--scoring (4 resources)\n"
        "  deleted with everything in it: bucket acme-other\n"
        "  stays, in the tooling account: repository fraud--scoring-build\n"
        "  stays, in the tooling account: bucket acme-kept"
    )
    with pytest.raises(BadInputError, match="there is no use case fraud--other, neither in the settings nor deployed"):
        plan_use_case_removal(found, "fraud--other", sorted(existing_stacks(found)))


@pytest.mark.threat("T-20")
def test_a_dry_run_lists_what_would_go_and_changes_nothing(project, monkeypatch):  # noqa: F811
    monkeypatch.setattr(command, "require_engine", lambda _: None)
    write_state(project, "fraud", held(resource("aws:organizations/account:Account", "111111111111")))
    before = _files(project.directory)
    done = CliRunner().invoke(main, ["--cwd", str(project.directory), "team", "remove", "fraud", "--dry-run"])
    assert (done.exit_code, done.stderr) == (0, "")
    assert "  destroyed: fraud (1 resource)\n" in done.stdout
    assert "  stays, in the unit Suspended: account acme-111111111111 (111111111111)\n" in done.stdout
    assert done.stdout.endswith("Nothing prevents the removal. Nothing was changed.\n")
    assert _files(project.directory) == before


@pytest.mark.threat("T-20")
@pytest.mark.parametrize("words", [["--dry-run"], ["--confirm", "fraud"]])
def test_everything_that_prevents_a_removal_is_named_at_once_and_nothing_goes(project, monkeypatch, words):  # noqa: F811
    monkeypatch.setattr(command, "require_engine", lambda _: None)
    durable = resource("aws:s3/bucket:Bucket", "evidence", protect=True)
    write_state(project, "fraud-experimentation", held(durable | {"urn": "urn:pulumi:s::p::t::evidence"}))
    serving = ["fraud--scoring: production serves version 3"]
    monkeypatch.setattr(refusals, "what_is_served", lambda *_: iter(serving))
    before = _files(project.directory)
    done = CliRunner().invoke(main, ["--cwd", str(project.directory), "team", "remove", "fraud", *words])
    assert done.exit_code == 3
    assert serving[0] in done.stderr
    assert "fraud-experimentation: " in done.stderr
    assert "protected against deletion" in done.stderr
    assert _files(project.directory) == before


def _files(directory):
    """Returns the settings files and states below a folder, with their content."""
    return {file: file.read_bytes() for file in directory.rglob("*") if file.suffix in (".yaml", ".json")}
