"""A review of settings alone refuses every change from which a preview would execute or obey something."""

from __future__ import annotations

import pytest
import yaml

from selfservice.errors import RefusedError
from selfservice.reviews.base import Base
from selfservice.reviews.executed import refuse_executed_changes


def edit(file, change):
    document = yaml.safe_load(file.read_text())
    change(document)
    file.write_text(yaml.safe_dump(document))


def refuse(project):
    project.commit("Change")
    refuse_executed_changes(Base.of(project.directory, "main"), project.directory)


def test_values_of_settings_and_new_and_removed_stacks_are_admitted(project):
    project.change_team("fraud", monthly_budget_usd=6000)
    new = project.settings_file("sales")
    new.write_text(project.settings_file("churn").read_text() + "encryptionsalt: v1:abc=\n")
    project.settings_file("churn").unlink()
    edit(
        project.file("Pulumi.yaml"),
        lambda document: document["config"]["plinth:organization"]["value"].update(owner="other@acme.example"),
    )
    refuse(project)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("main", "elsewhere"),
        ("runtime", "nodejs"),
        ("plugins", {"providers": [{"name": "aws", "path": "bin"}]}),
        ("backend", {"url": "s3://evil"}),
        ("stackConfigDir", "others"),
    ],
)
@pytest.mark.requirement("GOV-09.b")
@pytest.mark.threat("T-15")
def test_a_key_of_the_project_file_is_refused(project, key, value):
    edit(project.file("Pulumi.yaml"), lambda document: document.update({key: value}))
    with pytest.raises(RefusedError, match=f"Pulumi.yaml: {key}"):
        refuse(project)


@pytest.mark.threat("T-15")
def test_a_removed_key_of_the_project_file_is_refused(project):
    edit(project.file("Pulumi.yaml"), lambda document: document.pop("stackConfigDir"))
    with pytest.raises(RefusedError, match=r"Pulumi\.yaml: stackConfigDir"):
        refuse(project)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda document: document.update(secretsprovider="awskms://alias/evil"), "Pulumi.fraud.yaml: secretsprovider"),
        (lambda document: document.update(environment=["evil"]), "Pulumi.fraud.yaml: environment"),
        (lambda document: document["config"].update({"aws:profile": "admin"}), "Pulumi.fraud.yaml: config.aws:profile"),
    ],
)
@pytest.mark.threat("T-15")
def test_a_key_of_a_stack_file_that_the_engine_obeys_is_refused(project, change, said):
    edit(project.settings_file("fraud"), change)
    with pytest.raises(RefusedError, match=said):
        refuse(project)


@pytest.mark.parametrize("name", ["__main__.py", "sitecustomize.py", "policies/test/__main__.py"])
@pytest.mark.threat("T-14", "T-15")
def test_a_file_of_the_program_is_refused(project, name):
    project.file(name).write_text("print('mine')\n")
    with pytest.raises(RefusedError, match=f"{name}: is part of the program"):
        refuse(project)


def test_a_file_that_cannot_be_read_is_refused(project):
    project.settings_file("fraud").write_text("config: &a [*a]\n")
    with pytest.raises(RefusedError, match=r"Pulumi\.fraud\.yaml: cannot be read"):
        refuse(project)
