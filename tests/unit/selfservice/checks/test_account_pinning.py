import shutil

import pytest
import yaml

from selfservice.checks import account_pinning as account_pinning
from selfservice.checks.account_pinning import deployed_account, refuse_account_moves
from selfservice.errors import RefusedError
from selfservice.projects.project import open_project
from tests.support.workbench import REPOSITORY

DEPLOYED_SMALL = {
    "organization": "organization",
    "sales": "organization",
    "sales-experimentation": "organization",
    "sales-development": "organization",
}


PROVIDERS = "urn:pulumi:stack::plinth::pulumi:providers:aws"


def provider(name):
    return {"urn": f"{PROVIDERS}::{name}", "type": "pulumi:providers:aws"}


def bucket(name=None):
    """A bucket by the provider of that name, or by none, as components are."""
    record = {"urn": "urn:pulumi:stack::plinth::aws:s3/bucket:Bucket::ml", "type": "aws:s3/bucket:Bucket"}
    return (
        record if name is None else record | {"provider": f"{PROVIDERS}::{name}::04da6b54-80e4-46f7-96ec-b56ff0331ba9"}
    )


@pytest.fixture
def medium(tmp_path, monkeypatch):
    """The small example after it was deployed, its settings now placed as medium. Notes which states were read."""
    for file in (REPOSITORY / "environments" / "small").glob("*.yaml"):
        shutil.copy(file, tmp_path)
    project = yaml.safe_load((tmp_path / "Pulumi.yaml").read_text())
    project["config"]["plinth:organization"]["value"]["placement"] = "medium"
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    read = []

    def states(_, stacks):
        read.extend(stacks)
        return {stack: [provider(DEPLOYED_SMALL[stack]), bucket()] for stack in stacks}

    monkeypatch.setattr(account_pinning, "existing_stacks", lambda _: frozenset(DEPLOYED_SMALL))
    monkeypatch.setattr(account_pinning, "resources_by_stack", states)
    return open_project(tmp_path), read


@pytest.mark.parametrize(
    ("resources", "account"),
    [
        ([], None),
        ([bucket()], None),
        ([provider("organization")], "organization"),
        ([bucket(), provider("organization"), bucket("organization")], "organization"),
        ([provider("network"), provider("sales-development"), bucket("sales-development")], "sales-development"),
        ([provider("organization"), bucket("organization"), provider("network")], "organization"),
        ([provider("audit-eu-central-1"), bucket("audit-eu-central-1")], "audit"),
        ([provider("network"), bucket("data-lake"), *[bucket("data-lake-eu-central-1")] * 2], "data-lake"),
    ],
)
def test_the_provider_name_identifies_the_account_of_a_stack(resources, account):
    assert deployed_account(resources) == account


def test_a_stack_that_acts_in_several_accounts_is_where_it_is_expected_however_little_it_holds_there():
    readers = [bucket("fraud-experimentation")] * 3
    assert deployed_account([bucket("data-lake"), *readers], "data-lake") == "data-lake"
    assert deployed_account(readers, "data-lake") == "fraud-experimentation"


@pytest.mark.requirement("SZ-01.a", "ACC-07.b")
@pytest.mark.parametrize("chosen", [["organization"], ["sales"], ["sales-experimentation", "sales-development"]])
@pytest.mark.threat("T-03")
def test_stacks_that_would_move_are_refused_with_old_new_and_the_lines_that_keep_them(medium, chosen):
    project, _ = medium
    with pytest.raises(RefusedError) as refused:
        refuse_account_moves(project, chosen)
    said = str(refused.value).splitlines()
    assert said[0].startswith("nothing was touched")
    assert [line.strip() for line in said[1:3]] == [
        "sales-experimentation: organization -> sales-development",
        "sales-development: organization -> sales-development",
    ]
    assert said[-1].strip() == (
        "Pulumi.sales.yaml, under plinth:team: placement: {experimentation: organization, development: organization}"
    )


def test_only_the_chosen_stacks_and_those_that_need_them_are_looked_at(medium):
    project, read = medium
    with pytest.raises(RefusedError, match="sales-development: organization"):
        refuse_account_moves(project, ["sales-development"])
    assert read[0] == "sales-development"


def test_the_printed_settings_pin_the_stacks_to_their_accounts(medium):
    project, _ = medium
    chosen = ["organization", "sales", "sales-development"]
    with pytest.raises(RefusedError):
        refuse_account_moves(project, chosen)
    file = project.directory / "Pulumi.sales.yaml"
    team = yaml.safe_load(file.read_text())
    team["config"]["plinth:team"]["placement"] = {"experimentation": "organization", "development": "organization"}
    file.write_text(yaml.safe_dump(team))
    refuse_account_moves(open_project(project.directory), chosen)
