"""Results that teams return to the lake: the resources that ``returned_by`` adds."""

from functools import cache

import pytest

from settings.data.dataset import Dataset
from tests.support.documents import as_list, statements
from tests.support.every_stack import SCORES, Deployment, example_deployment, example_foundation

ACCESS_POINT = "aws:s3/accessPoint:AccessPoint"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
KEY = "aws:kms/key:Key"
LF_TAGS = "aws:lakeformation/resourceLfTags:ResourceLfTags"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
STACK = "data-lake--scores"


@cache
def landing_policies():
    deployed = example_deployment()["data-lake"]
    (policy,) = [r for r in deployed.all(BUCKET_POLICY) if "-lake-landing-" in r.inputs["bucket"]]
    others = [r for r in deployed.all(BUCKET_POLICY) if r is not policy]
    return statements(policy), [statements(other) for other in others]


@pytest.mark.requirement("INT-08.a")
def test_the_datasets_stack_gives_a_team_that_returns_results_an_access_point_on_the_landing_bucket():
    deployed = example_deployment()
    point = deployed[STACK].one(ACCESS_POINT)
    assert point.inputs["bucket"] == deployed["data-lake"].exports["zone_buckets"]["landing"]
    assert point.inputs["name"] == "fraud--scores--drop"
    accounts = deployed["fraud"].exports["accounts"]
    allowed = [s for s in statements(point).values() if s["Effect"] == "Allow"]
    named = {
        s["Resource"].partition("/object/")[2]: as_list(s["Condition"]["ArnEquals"]["aws:PrincipalArn"])
        for s in allowed
    }
    assert named == {
        f"results/scores/fraud/{environment}/*": [
            f"arn:aws:iam::{accounts[environment]}:role/plinth/fraud-{environment}-execution"
        ]
        for environment in ("preproduction", "production")
    } | {
        f"results/scores/fraud/{environment}/curated/scoring/*": [
            f"arn:aws:iam::{accounts[environment]}:role/plinth/fraud--scoring-{abbreviation}-monitoring"
        ]
        for environment, abbreviation in (("preproduction", "preprod"), ("production", "prod"))
    }
    assert set(deployed[STACK].exports["drop_points"]) == {"fraud"}


@pytest.mark.requirement("INT-08.b", "DL-10.a")
def test_the_etl_job_starts_when_results_are_returned_and_writes_the_table_in_the_results_zone():
    deployed = example_deployment()[STACK]
    zones = example_deployment()["data-lake"].exports["zone_buckets"]
    rule = deployed.one("aws:cloudwatch/eventRule:EventRule")
    assert '{"prefix": "results/scores/"}' in rule.inputs["eventPattern"]
    arguments = deployed.one("aws:glue/job:Job").inputs["defaultArguments"]
    assert f"s3://{zones['landing']}/results/scores/" in arguments["--sources"].split(",")
    assert arguments["--historical"] == f"s3://{zones['results']}/scores/historical/"


@pytest.mark.requirement("DL-10.b")
def test_results_name_the_environments_that_read_them_and_nobody_by_default():
    granted = Dataset.model_validate({**SCORES.model_dump(), "shared_with": {"churn": ["development"]}})
    for dataset, readers in ((SCORES, set()), (granted, {"dev"})):
        tags = Deployment(example_foundation(datasets=[dataset]))[STACK].all(LF_TAGS)
        found = {tag["value"] for record in tags for tag in record.inputs["lfTags"] if tag["key"] == "team-churn"}
        assert found == readers


@pytest.mark.requirement("INT-08.a")
def test_the_landing_bucket_delegates_only_the_results_folder_to_drop_points_of_its_account():
    landing, others = landing_policies()
    left = landing["LeaveResultsToDropPoints"]
    account = example_deployment()["data-lake"].exports["account_id"]
    assert set(left["Action"]) == {"s3:AbortMultipartUpload", "s3:PutObject"}
    assert left["Resource"].endswith("-an/results/*")
    assert left["Condition"] == {
        "StringEquals": {"aws:PrincipalOrgID": "o-example1234"},
        "ArnLike": {"s3:DataAccessPointArn": f"arn:aws:s3:*:{account}:accesspoint/*--drop"},
    }
    assert "RefuseOtherNetworks" in landing
    assert not [sid for other in others for sid, statement in other.items() if statement["Effect"] == "Allow"
                and sid == "LeaveResultsToDropPoints"]  # fmt: skip


@pytest.mark.requirement("INT-08.a")
def test_the_key_policy_admits_the_organization_only_through_s3_and_for_the_landing_bucket():
    deployed = example_deployment()["data-lake"]
    served = statements(deployed.one(KEY))["OrganizationEncryptsResults"]
    assert set(served["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey"}
    assert served["Condition"]["StringEquals"] == {
        "aws:PrincipalOrgID": "o-example1234",
        "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{deployed.exports['zone_buckets']['landing']}",
        "kms:ViaService": "s3.eu-west-1.amazonaws.com",
    }
    assert served["Condition"]["ArnLike"] == {"aws:PrincipalArn": "arn:aws:iam::*:role/plinth/*"}


def test_changing_who_returns_results_changes_only_the_datasets_stack():
    fewer = Dataset.model_validate({**SCORES.model_dump(), "returned_by": {"fraud": ["production"]}})
    one, other = (Deployment(example_foundation(datasets=[dataset])) for dataset in (SCORES, fewer))
    for stack in ("data-lake", "fraud-production", "fraud-preproduction"):
        assert one[stack].inputs == other[stack].inputs, stack
    assert len(statements(one[STACK].one(ACCESS_POINT))) > len(statements(other[STACK].one(ACCESS_POINT)))


@pytest.mark.requirement("INT-08.a")
def test_in_development_pipelines_of_use_cases_return_results_too():
    tried = Dataset.model_validate({**SCORES.model_dump(), "returned_by": {"fraud": ["development"]}})
    point = Deployment(example_foundation(datasets=[tried]))[STACK].one(ACCESS_POINT)
    names = [arn.rpartition("/")[2] for arn in statements(point)["Take1"]["Condition"]["ArnEquals"]["aws:PrincipalArn"]]
    assert names == ["fraud-development-execution", "fraud--scoring-dev-pipeline"]


@pytest.mark.requirement("INT-08.a")
@pytest.mark.parametrize(("environment", "returns"), [("production", True), ("experimentation", False)])
def test_jobs_may_return_results_except_in_experimentation(environment, returns):
    (policy,) = [
        record
        for record in example_deployment()[f"fraud-{environment}"].all(ROLE_POLICY)
        if record.inputs["role"] == f"fraud-{environment}-execution"
    ]
    found = statements(policy).get("ReturnResults")
    assert (found is not None) == returns
    if found is not None:
        assert found["Resource"].endswith(":accesspoint/fraud--*--drop/object/results/*/fraud/production/*")


def test_a_first_preview_of_a_results_dataset_shows_its_access_point():
    deployed = Deployment(example_foundation(), preview=True)[STACK]
    assert deployed.one(ACCESS_POINT).inputs["name"] == "fraud--scores--drop"
