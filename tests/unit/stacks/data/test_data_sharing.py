from functools import cache

import pytest

from settings.data.dataset import Dataset
from settings.derived.sharing import lf_tag_expression
from settings.types.kinds import ENVIRONMENTS
from tests.support.documents import as_list, statements
from tests.support.every_stack import (
    Deployment,
    deploy_stack,
    example_foundation,
    example_organization,
    example_team,
)

GRANT = "aws:lakeformation/permissions:Permissions"
TAGS = "aws:lakeformation/resourceLfTags:ResourceLfTags"
TABLE = "aws:glue/catalogTable:CatalogTable"
LINK = "aws:glue/catalogDatabase:CatalogDatabase"
SETTINGS = "aws:lakeformation/dataLakeSettings:DataLakeSettings"
ACCESS_POINT = "aws:s3/accessPoint:AccessPoint"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
KEY = "aws:kms/key:Key"
FILTER = "aws:lakeformation/dataCellsFilter:DataCellsFilter"


def dataset(name="payments", **changes):
    settings = {
        "name": name,
        "owner": "data@acme.example",
        "classification": "internal",
        "columns": [
            {"name": "card", "type": "string", "classification": "restricted", "personal": True},
            {"name": "amount", "type": "double"},
            {"name": "day", "type": "date", "partition": True},
        ],
        "anonymised": {"columns": ["amount", "day"]},
        "shared_with": {"fraud": list(ENVIRONMENTS), "churn": ["development"]},
    }
    return Dataset.model_validate({**settings, **changes})


PAYMENTS = dataset()
VISITS = dataset("visits", anonymised={"columns": ["amount"], "rows": "amount < 100"}, parts=["historical"])
LETTERS = dataset("letters", kind="objects", columns=[], anonymised=None, approved=True, parts=["historical"])


@cache
def deployment(*, all_datasets=True, preview=False, placement="large"):
    organization = example_organization(placement=placement)
    datasets = [PAYMENTS, VISITS, LETTERS] if all_datasets else [PAYMENTS]
    return Deployment(example_foundation(organization=organization, datasets=datasets), preview=preview)


def inputs(recorder):
    return {record.urn: record.inputs for record in recorder}


def account_of(grant):
    return grant.inputs["principal"].split(":")[4]


@pytest.mark.requirement("DL-05")
def test_a_dataset_is_a_table_in_the_database_of_each_part():
    deployed = deployment()
    tables = {t.inputs["databaseName"]: t.inputs for t in deployed["data-lake--payments"].all(TABLE)}
    bucket = deployed["data-lake"].exports["zone_buckets"]["curated"]
    assert set(tables) == {"historical", "inference"}
    for part, table in tables.items():
        stored = table["storageDescriptor"]
        assert stored["location"] == f"s3://{bucket}/payments/{part}/"
        assert [column["name"] for column in stored["columns"]] == ["card", "amount"]
        assert [key["name"] for key in table["partitionKeys"]] == ["day"]


@pytest.mark.requirement("DL-03")
def test_an_object_dataset_is_registered_in_the_data_catalog():
    (table,) = deployment()["data-lake--letters"].all(TABLE)
    assert table.inputs["parameters"]["classification"] == "objects"
    assert "columns" not in table.inputs["storageDescriptor"]


@pytest.mark.requirement("DL-09")
def test_exactly_the_roles_of_the_sharing_map_read_an_object_dataset():
    deployed = deployment()
    recorder = deployed["data-lake--letters"]
    teams = {"fraud": {"experimentation", "development"}, "churn": {"development"}}
    expected = {
        deployed[team].exports["accounts"][environment]: f"{team}-{environment}"
        for team, environments in teams.items()
        for environment in environments
    }
    points = {record.inputs["name"]: statements(record) for record in recorder.all(ACCESS_POINT)}
    assert set(points) == {"churn--letters", "fraud--letters"}
    roles = {
        role
        for allowed in points.values()
        for statement in allowed.values()
        for role in as_list(statement["Condition"]["ArnEquals"]["aws:PrincipalArn"])
    }
    assert {(role.split(":")[4], role.split("/")[-1]) for role in roles} == {
        (account, f"{stack}-{role}")
        for account, stack in expected.items()
        for role in (
            "execution",
            *(["spark", "studio-ada", "studio-grace"] if stack == "fraud-experimentation" else []),
        )
    }
    for record, sid in (
        (recorder.one(BUCKET_POLICY), "ReadersThroughTheirAccessPoints"),
        (recorder.one(KEY), "ReadersDecryptThroughS3"),
    ):
        admitted = as_list(statements(record)[sid]["Principal"]["AWS"])
        assert {arn.split(":")[4] for arn in admitted} == set(expected)
    assert "letters" not in str([inputs(deployed[stack]) for stack in ("data-lake", "data-catalog")])
    (table,) = recorder.all(TABLE)
    bucket = recorder.one("aws:s3/bucket:Bucket").inputs["bucket"]
    assert table.inputs["storageDescriptor"]["location"] == f"s3://{bucket}/letters/historical/"
    assert bucket.startswith("acme-lake-letters-")


@pytest.mark.requirement("DL-06")
def test_a_dataset_names_its_readers_only_by_lf_tag():
    recorder = deployment()["data-lake--payments"]
    assert not recorder.all(GRANT)
    tagged = {t.name: {tag["key"]: tag["value"] for tag in t.inputs["lfTags"]} for t in recorder.all(TAGS)}
    assert tagged["dataset-historical-tags"]["team-fraud"] == "exp+dev"
    assert tagged["dataset-inference-tags"]["team-churn"] == "dev"
    assert {"exposure": "anonymised"} in tagged.values()


@pytest.mark.requirement("DL-07")
def test_only_experimentation_reads_a_filtered_table():
    deployed = deployment()
    recorder = deployed["data-lake--visits"]
    data = recorder.one(FILTER).inputs["tableData"]
    assert (data["columnNames"], data["rowFilter"]) == (["amount"], {"filterExpression": "amount < 100"})
    grants = recorder.all(GRANT)
    experiments = deployed["fraud"].exports["accounts"]["experimentation"]
    assert {account_of(grant) for grant in grants} == {experiments}
    assert all(grant.inputs["permissions"] == ["SELECT"] and "dataCellsFilter" in grant.inputs for grant in grants)


@pytest.mark.requirement("DL-08")
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


@pytest.mark.requirement("EXP-04")
@pytest.mark.threat("T-21")
def test_experimentation_is_granted_only_anonymised_or_approved_columns():
    deployed = deployment()
    account = deployed["fraud"].exports["accounts"]["experimentation"]
    grants = [g for g in deployed["fraud-data"].all(GRANT) if account_of(g) == account and "lfTagPolicy" in g.inputs]
    tables = [g.inputs["lfTagPolicy"] for g in grants if g.inputs["lfTagPolicy"]["resourceType"] == "TABLE"]
    assert tables
    for policy in tables:
        assert {"key": "exposure", "values": ["anonymised", "approved"]} in policy["expressions"]


def test_adding_a_dataset_changes_no_other_stack():
    without, with_ = deployment(all_datasets=False), deployment()
    for stack in without:
        assert inputs(with_[stack]) == inputs(without[stack]), stack


def test_adding_a_team_changes_neither_the_lake_nor_another_teams_data_access():
    alone = example_foundation(organization=example_organization(), teams=[example_team()], datasets=())
    one = Deployment(alone)
    two = deployment()
    for stack in ("data-lake", "data-catalog", "fraud-data"):
        assert inputs(two[stack]) == inputs(one[stack]), stack


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


@pytest.mark.requirement("EXP-06")
def test_query_results_are_stored_in_the_environments_bucket_under_its_key():
    deployed = deployment()
    for environment in ENVIRONMENTS:
        outputs = deployed[f"fraud-{environment}"].exports
        group = deployed["fraud-data"].one("aws:athena/workgroup:Workgroup", f"workgroup-{environment}").inputs
        results = group["configuration"]["resultConfiguration"]
        assert group["configuration"]["enforceWorkgroupConfiguration"] is True
        assert results["outputLocation"] == f"s3://{outputs['bucket_name']}/queries/fraud-{environment}/"
        assert results["encryptionConfiguration"]["kmsKeyArn"] == outputs["key_arn"]


@pytest.mark.parametrize("stack", ["fraud-data", "data-lake--payments", "data-lake--visits"])
def test_a_first_preview_shows_the_same_resources(stack):
    previewed, deployed = deployment(preview=True)[stack], deployment()[stack]
    assert {r.urn for r in previewed} == {r.urn for r in deployed}


def test_a_datasets_stack_stays_small_however_wide_its_table():
    columns = [{"name": f"c{number}", "type": "double"} for number in range(300)]
    wide = dataset("wide", columns=columns, anonymised={"columns": [f"c{number}" for number in range(150)]})
    foundation = example_foundation(datasets=[wide])
    upstream = deployment().outputs_before("data-lake--payments")
    assert len(deploy_stack("data-lake--wide", foundation, upstream=upstream).records) < 20
