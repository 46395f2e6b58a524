import pytest

from tests.support.documents import as_list, statements
from tests.support.every_stack import (
    deploy_stack,
    example_foundation,
)
from tests.unit.stacks.shared_datasets import account_of, dataset, deployment

GRANT = "aws:lakeformation/permissions:Permissions"
TAGS = "aws:lakeformation/resourceLfTags:ResourceLfTags"
TABLE = "aws:glue/catalogTable:CatalogTable"
LINK = "aws:glue/catalogDatabase:CatalogDatabase"
SETTINGS = "aws:lakeformation/dataLakeSettings:DataLakeSettings"
ACCESS_POINT = "aws:s3/accessPoint:AccessPoint"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
KEY = "aws:kms/key:Key"
FILTER = "aws:lakeformation/dataCellsFilter:DataCellsFilter"


@pytest.mark.requirement("DL-05.a")
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


@pytest.mark.requirement("DL-03.b")
def test_an_object_dataset_is_registered_in_the_data_catalog():
    (table,) = deployment()["data-lake--letters"].all(TABLE)
    assert table.inputs["parameters"]["classification"] == "objects"
    assert "columns" not in table.inputs["storageDescriptor"]


@pytest.mark.requirement("DL-09.d")
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
    assert "letters" not in str([deployed[stack].inputs for stack in ("data-lake", "data-catalog")])
    (table,) = recorder.all(TABLE)
    bucket = recorder.one("aws:s3/bucket:Bucket").inputs["bucket"]
    assert table.inputs["storageDescriptor"]["location"] == f"s3://{bucket}/letters/historical/"
    assert bucket.startswith("acme-lake-letters-")


@pytest.mark.requirement("DL-06.d")
def test_a_dataset_names_its_readers_only_by_lf_tag():
    recorder = deployment()["data-lake--payments"]
    assert not recorder.all(GRANT)
    tagged = {t.name: {tag["key"]: tag["value"] for tag in t.inputs["lfTags"]} for t in recorder.all(TAGS)}
    assert tagged["dataset-historical-tags"]["team-fraud"] == "exp+dev"
    assert tagged["dataset-inference-tags"]["team-churn"] == "dev"
    assert {"exposure": "anonymised"} in tagged.values()


@pytest.mark.requirement("DL-07.b")
def test_only_experimentation_reads_a_filtered_table():
    deployed = deployment()
    recorder = deployed["data-lake--visits"]
    data = recorder.one(FILTER).inputs["tableData"]
    assert (data["columnNames"], data["rowFilter"]) == (["amount", "day"], {"filterExpression": "amount < 100"})
    grants = recorder.all(GRANT)
    experiments = deployed["fraud"].exports["accounts"]["experimentation"]
    assert {account_of(grant) for grant in grants} == {experiments}
    assert all(grant.inputs["permissions"] == ["SELECT"] and "dataCellsFilter" in grant.inputs for grant in grants)


def test_adding_a_dataset_changes_no_other_stack():
    without, with_ = deployment(all_datasets=False), deployment()
    for stack in without:
        assert with_[stack].inputs == without[stack].inputs, stack


@pytest.mark.parametrize("stack", ["data-lake--payments", "data-lake--visits"])
def test_a_first_preview_shows_the_same_resources(stack):
    previewed, deployed = deployment(preview=True)[stack], deployment()[stack]
    assert {r.urn for r in previewed} == {r.urn for r in deployed}


def test_a_datasets_stack_stays_small_however_wide_its_table():
    columns = [{"name": f"c{number}", "type": "double"} for number in range(300)]
    wide = dataset("wide", columns=columns, anonymised={"columns": [f"c{number}" for number in range(150)]})
    foundation = example_foundation(datasets=[wide])
    upstream = deployment().outputs_before("data-lake--payments")
    assert len(deploy_stack("data-lake--wide", foundation, upstream=upstream).records) < 20
