"""The data catalog: its Lake Formation settings come first, and it moved out of the stack ``data-lake`` unchanged."""

import json
from pathlib import Path

import pytest

from settings.data.lake import LakeSettings
from settings.derived.stack_graph import StackIdentity
from tests.support.every_stack import Deployment, example_deployment, example_foundation, example_organization

SETTINGS = "aws:lakeformation/dataLakeSettings:DataLakeSettings"
DATABASE = "aws:glue/catalogDatabase:CatalogDatabase"
ADMINISTRATOR = "arn:aws:iam::111111111111:role/deployers/lake"
BEFORE = Path(__file__).parent / "catalog_in_data_lake.json"
"""Resources of the data catalog that its last version in ``data-lake`` registered, by placement and URN."""


def catalog():
    return example_deployment()["data-catalog"]


def placed(placement, **changes):
    organization = example_organization(placement=placement, **changes)
    return Deployment(example_foundation(organization=organization, teams=[]))


@pytest.mark.requirement("DL-06.a")
def test_lake_formation_is_configured_before_the_first_database_is_created():
    settings = catalog().one(SETTINGS)
    parents = {r.urn: r.parent for r in catalog()}
    databases = catalog().all(DATABASE)
    assert len(databases) == 3
    for database in databases:
        assert settings.urn in database.dependencies or settings.urn in _inherited(database, parents)


def _inherited(record, parents):
    """Returns the dependencies of a resource and of its parents, which children inherit."""
    (component,) = [r for r in catalog() if r.urn == parents[record.urn]]
    return component.dependencies


def test_the_deploying_role_administers_lake_formation():
    account = example_deployment()["data-lake"].exports["account_id"]
    assert catalog().one(SETTINGS).inputs["admins"] == [f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"]


def test_in_the_management_account_the_settings_name_the_administrators():
    deployed = placed("small", lake=LakeSettings(administrators=[ADMINISTRATOR]))["data-catalog"]
    assert deployed.one(SETTINGS).inputs["admins"] == [ADMINISTRATOR]


def test_whatever_adds_to_the_catalog_is_deployed_after_it():
    stacks = example_deployment()
    adding = {"data", "dataset", "etl", "feature-group", "intake"}
    needs = {name: stacks.outputs_before(name) for name in stacks if StackIdentity.parse(name).kind in adding}
    assert {StackIdentity.parse(name).kind for name in needs} == adding
    assert [name for name, needed in needs.items() if "data-catalog" not in needed] == []


@pytest.mark.parametrize("placement", ["small", "large"])
def test_an_upgrade_moves_the_catalog_between_stacks_and_changes_nothing_else_of_it(placement):
    """``pulumi state move`` renames the stack in URNs and gives components without a parent the new stack as parent.
    Whatever else differed would be replaced, created or deleted."""
    recorded = BEFORE.read_text().replace("urn:pulumi:data-lake::", "urn:pulumi:data-catalog::")
    before = json.loads(recorded.replace("::plinth-data-lake", "::plinth-data-catalog"))[placement]
    deployed = placed(placement)
    after = {
        record.urn: {
            "parent": record.parent,
            "provider": record.provider,
            "protect": record.protect,
            "retain_on_delete": record.retain_on_delete,
            "inputs": record.inputs,
        }
        for record in deployed["data-catalog"]
        if not record.is_provider
    }
    assert after == before
    left_behind = {record.urn.replace(":data-lake::", ":data-catalog::", 1) for record in deployed["data-lake"]}
    assert before.keys() & left_behind == set()
