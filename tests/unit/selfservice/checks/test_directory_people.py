import shutil
from collections.abc import Mapping
from dataclasses import replace

import boto3
import pytest
import yaml
from botocore.exceptions import ClientError

from selfservice.checks import directory_people
from selfservice.checks.directory_people import refuse_unknown_people
from selfservice.errors import BadInputError
from selfservice.projects.project import open_project
from tests.support.workbench import REPOSITORY

STUDIO = "sales-experimentation-studio"


class UnknownError(Exception):
    pass


class Directory:
    """Stands for both services: the instance, and the user names of its directory."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names, self.asked = names, []
        self.exceptions = type("Exceptions", (), {"ResourceNotFoundException": UnknownError})

    def list_instances(self) -> Mapping[str, object]:
        return {"Instances": [{"IdentityStoreId": "d-1234567890"}]}

    def get_user_id(self, **asked):
        name = asked["AlternateIdentifier"]["UniqueAttribute"]["AttributeValue"]
        self.asked.append(name)
        if name not in self.names:
            raise UnknownError
        return {"UserId": name}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Returns the small example with two people in its Studio, one of whom has a profile."""
    for file in (REPOSITORY / "environments" / "small").glob("*.yaml"):
        shutil.copy(file, tmp_path)
    settings = tmp_path / "Pulumi.sales-experimentation.yaml"
    users = {name: {"persona": "data-scientist"} for name in ("ada", "bob")}
    settings.write_text(yaml.safe_dump({"config": {"plinth:environment": {"studio": {"users": users}}}}))
    described = yaml.safe_load((tmp_path / "Pulumi.yaml").read_text())
    described["config"]["plinth:organization"]["value"]["sign_in"] = "identity-center"
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump(described))
    profile = {"type": "aws:sagemaker/userProfile:UserProfile", "inputs": {"singleSignOnUserValue": "ada"}}
    monkeypatch.setattr(directory_people, "existing_stacks", lambda _: frozenset([STUDIO]))
    monkeypatch.setattr(
        directory_people, "resources_by_stack", lambda _, stacks: {stack: [profile] for stack in stacks}
    )
    return tmp_path


@pytest.fixture
def directory(monkeypatch):
    def use(*names):
        found = Directory(names)
        monkeypatch.setattr(boto3.Session, "client", lambda *_, **__: found)
        return found

    return use


@pytest.mark.requirement("PER-16.b")
def test_a_person_whom_the_directory_lacks_is_refused_with_place_and_remedy(project, directory):
    asked = directory("ada")
    with pytest.raises(BadInputError) as error:
        refuse_unknown_people(open_project(project), [STUDIO])
    said = str(error.value)
    assert "Pulumi.sales-experimentation.yaml: plinth:environment.studio.users.bob: 'bob' is not a user name" in said
    assert "create-user --identity-store-id d-1234567890" in said
    assert "ada" not in said
    assert asked.asked == ["bob"]


def test_nobody_is_refused_whom_the_directory_has(project, directory):
    asked = directory("bob")
    refuse_unknown_people(open_project(project), [STUDIO])
    assert asked.asked == ["bob"]


def with_delivery(opened, *people):
    """Returns the project with people in the settings of a use case that is not deployed, and of one that is."""
    return replace(opened, delivery_people={"sales--leads": people, "sales--old": ("carl",)})


def test_an_approver_whom_the_directory_lacks_is_refused_before_the_use_case_is_created(
    project, directory, monkeypatch
):
    asked = directory("ada")
    monkeypatch.setattr(directory_people, "existing_stacks", lambda _: frozenset(["sales--old"]))
    with pytest.raises(BadInputError, match=r"Pulumi\.sales\.yaml: plinth:team\.use_cases\.leads\.delivery: 'zoe' is"):
        refuse_unknown_people(with_delivery(open_project(project), "ada", "zoe"), ["sales--leads", "sales--old"])
    assert asked.asked == ["ada", "zoe"], "who has left stops no deployment of what exists"
    refuse_unknown_people(with_delivery(open_project(project), "ada"), ["sales--leads", "sales--old"])


def test_the_directory_is_asked_only_about_studios_of_the_operation(project, directory):
    asked = directory()
    refuse_unknown_people(open_project(project), ["sales-experimentation"])
    assert asked.asked == []


def test_the_directory_is_not_asked_if_people_sign_in_with_iam(project, directory):
    described = yaml.safe_load((project / "Pulumi.yaml").read_text())
    described["config"]["plinth:organization"]["value"]["sign_in"] = "iam"
    (project / "Pulumi.yaml").write_text(yaml.safe_dump(described))
    asked = directory()
    refuse_unknown_people(open_project(project), [STUDIO])
    assert asked.asked == []


@pytest.mark.threat("T-15")
def test_a_read_only_operation_asks_the_directory_with_the_role_for_reviews(project, directory, monkeypatch):
    asked, assumed = directory("bob"), []
    keys = {"AccessKeyId": "key", "SecretAccessKey": "secret", "SessionToken": "token"}

    def assume_role(**parameters):
        assumed.append(parameters["RoleArn"])
        return {"Credentials": keys}

    asked.assume_role = assume_role
    opened = open_project(project)
    refuse_unknown_people(replace(opened, read_only=True), [STUDIO])
    role = f"arn:aws:iam::{opened.management_account_id}:role/plinth/platform-reviewer"
    assert set(assumed) == {role}
    assert asked.asked == ["bob"]


def test_a_directory_that_cannot_be_read_is_an_error_with_the_missing_permissions(project, monkeypatch):
    def refuse(*_, **__):
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "ListInstances")

    monkeypatch.setattr(boto3.Session, "client", refuse)
    with pytest.raises(BadInputError, match="sso:ListInstances"):
        refuse_unknown_people(open_project(project), [STUDIO])
