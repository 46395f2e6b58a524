"""The stack of a team's access to data: grants, resource links and workgroups."""

import pytest

from settings.derived.sharing import lf_tag_expression
from settings.types.kinds import ENVIRONMENTS
from tests.support.every_stack import Deployment, example_foundation, example_organization, example_team
from tests.unit.stacks.shared_datasets import account_of, deployment

GRANT = "aws:lakeformation/permissions:Permissions"
LINK = "aws:glue/catalogDatabase:CatalogDatabase"
SETTINGS = "aws:lakeformation/dataLakeSettings:DataLakeSettings"


@pytest.mark.requirement("DL-08.a")
def test_a_team_is_granted_read_access_by_lf_tag_without_grant_option():
    deployed = deployment()
    grants = [g for g in deployed["fraud-data"].all(GRANT) if "lfTagPolicy" in g.inputs]
    assert {permission for grant in grants for permission in grant.inputs["permissions"]} == {"DESCRIBE", "SELECT"}
    assert not [grant for grant in grants if grant.inputs.get("permissionsWithGrantOptions")]
    accounts = {account: name for name, account in deployed["fraud"].exports["accounts"].items()}
    for grant in grants:
        policy = grant.inputs["lfTagPolicy"]
        if policy["resourceType"] == "TABLE":
            wanted = lf_tag_expression("fraud", accounts[account_of(grant)])
            assert {e["key"]: set(e["values"]) for e in policy["expressions"]} == {k: set(v) for k, v in wanted.items()}
            # Lake Formation refuses an expression whose LF-tag does not exist yet.
            assert deployed["fraud-data"].one("aws:lakeformation/lfTag:LfTag").urn in grant.dependencies


@pytest.mark.requirement("EXP-04.a")
@pytest.mark.threat("T-21")
def test_experimentation_is_granted_only_anonymised_or_approved_columns():
    deployed = deployment()
    account = deployed["fraud"].exports["accounts"]["experimentation"]
    grants = [g for g in deployed["fraud-data"].all(GRANT) if account_of(g) == account and "lfTagPolicy" in g.inputs]
    tables = [g.inputs["lfTagPolicy"] for g in grants if g.inputs["lfTagPolicy"]["resourceType"] == "TABLE"]
    assert tables
    for policy in tables:
        assert {"key": "exposure", "values": ["anonymised", "approved"]} in policy["expressions"]


def test_adding_a_team_changes_neither_the_lake_nor_another_teams_data_access():
    alone = example_foundation(organization=example_organization(), teams=[example_team()], datasets=())
    one = Deployment(alone)
    two = deployment()
    for stack in ("data-lake", "data-catalog", "fraud-data"):
        assert two[stack].inputs == one[stack].inputs, stack


def test_resource_links_are_created_in_reading_accounts_after_lake_formation_is_configured():
    recorder = deployment()["fraud-data"]
    links = recorder.all(LINK)
    lake = deployment()["data-lake"].exports["account_id"]
    assert {link.inputs["targetDatabase"]["catalogId"] for link in links} == {lake}
    assert {link.provider for link in links} == {f"fraud-{environment}" for environment in ENVIRONMENTS}
    assert len(recorder.all(SETTINGS)) == len(ENVIRONMENTS)


def test_environments_in_one_account_share_resource_links_but_not_grants():
    recorder = deployment(placement="medium")["fraud-data"]
    names = [(link.provider, link.inputs["name"]) for link in recorder.all(LINK)]
    assert len(names) == len(set(names))
    principals = {grant.inputs["principal"].rpartition("/")[2] for grant in recorder.all(GRANT)}
    assert {"fraud-experimentation-studio-ada", "fraud-development-execution"} <= principals


def test_the_lakes_own_account_has_no_resource_links():
    recorder = deployment(placement="small")["fraud-data"]
    assert not recorder.all(LINK)
    assert not recorder.all(SETTINGS)
    assert len(recorder.all("aws:athena/workgroup:Workgroup")) == len(ENVIRONMENTS)


@pytest.mark.requirement("EXP-06.a")
def test_query_results_are_stored_in_the_environments_bucket_under_its_key():
    deployed = deployment()
    for environment in ENVIRONMENTS:
        outputs = deployed[f"fraud-{environment}"].exports
        group = deployed["fraud-data"].one("aws:athena/workgroup:Workgroup", f"workgroup-{environment}").inputs
        results = group["configuration"]["resultConfiguration"]
        assert group["configuration"]["enforceWorkgroupConfiguration"] is True
        assert results["outputLocation"] == f"s3://{outputs['bucket_name']}/queries/fraud-{environment}/"
        assert results["encryptionConfiguration"]["kmsKeyArn"] == outputs["key_arn"]


def test_a_first_preview_shows_the_same_resources():
    previewed, deployed = deployment(preview=True)["fraud-data"], deployment()["fraud-data"]
    assert {r.urn for r in previewed} == {r.urn for r in deployed}
