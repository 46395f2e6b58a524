import pytest

from settings.data.dataset import Column, Dataset
from settings.data.etl import EtlUnit
from settings.derived.stack_graph import StackIdentity
from stacks.dataset.etl import ScriptMissing
from tests.support.documents import statements
from tests.support.every_stack import (
    COPIED,
    MADE,
    Deployment,
    deploy_stack,
    example_deployment,
    example_feature_group,
    example_foundation,
    filling,
)


def test_the_etl_stack_exists_and_comes_first_if_a_dataset_has_an_etl_job():
    stacks = example_foundation().stacks
    assert StackIdentity("etl") in stacks[StackIdentity("dataset", dataset=MADE.name)]
    assert StackIdentity("etl") not in example_foundation(datasets=[]).stacks


def test_every_resource_is_in_the_lakes_account():
    lake = example_deployment()["data-lake"].exports["account_id"]
    for stack in ("etl", f"data-lake--{MADE.name}"):
        recorder = example_deployment()[stack]
        (provider,) = [record for record in recorder if record.is_provider]
        assert provider.inputs["allowedAccountIds"] == f'["{lake}"]'


def test_adding_an_etl_job_to_a_dataset_changes_no_other_stack():
    more = Dataset(
        name="visits",
        owner="data@acme.example",
        classification="internal",
        columns=(Column(name="amount", type="double"),),
        etl=EtlUnit(script="etl/card_payments.py", sources=("visits",)),
    )
    groups = [example_feature_group()]
    published = [filling(COPIED, groups), more]
    one, two = example_deployment(), Deployment(example_foundation(datasets=published, feature_groups=groups))
    for stack in ("data-lake", "data-catalog", "etl", f"data-lake--{MADE.name}"):
        assert two[stack].inputs == one[stack].inputs


def test_the_landing_and_curated_buckets_send_events():
    recorder = example_deployment()["data-lake"]
    notified = {record.name for record in recorder.all("aws:s3/bucketNotification:BucketNotification")}
    assert notified == {"lake-landing-events", "lake-curated-events"}


def test_events_reach_encrypted_queues_of_the_lake():
    policy = statements(example_deployment()["data-lake"].one("aws:kms/key:Key"))
    lake = example_deployment()["data-lake"].exports["account_id"]
    assert policy["EventsReachQueues"]["Condition"] == {"StringEquals": {"aws:SourceAccount": lake}}


def test_a_missing_script_is_an_error_before_anything_is_created():
    unit = EtlUnit(script="etl/nowhere.py", sources=("cards",))
    foundation = example_foundation(datasets=[MADE.model_copy(update={"etl": unit})])
    stack = f"data-lake--{MADE.name}"
    with pytest.raises(ScriptMissing, match=r"Pulumi.data-lake--cards.yaml: plinth:dataset.etl.script: etl/nowhere.py"):
        deploy_stack(stack, foundation, upstream=example_deployment().outputs_before(stack))


@pytest.mark.parametrize("stack", ["etl", f"data-lake--{MADE.name}"])
def test_a_first_preview_shows_the_same_resources(stack):
    previewed, deployed = example_deployment(preview=True)[stack], example_deployment()[stack]
    assert {r.urn for r in previewed} == {r.urn for r in deployed}


@pytest.mark.requirement("FS-03.a")
def test_the_lakes_network_reaches_feature_store_and_jobs_write_only_named_groups():
    deployed = example_deployment()
    group = deployed["features--card-activity"].exports["arn"]
    (policy,) = [
        p
        for p in deployed[f"data-lake--{MADE.name}"].all("aws:iam/rolePolicy:RolePolicy")
        if "PutRecord" in str(p.inputs)
    ]
    region, account = group.split(":")[3:5]
    filled = f"arn:aws:sagemaker:{region}:{account}:feature-group/card-activity"
    assert statements(policy)["FillFeatures"]["Resource"] == filled
    services = {e.inputs["serviceName"] for e in deployed["data-lake"].all("aws:ec2/vpcEndpoint:VpcEndpoint")}
    assert f"com.amazonaws.{region}.sagemaker.featurestore-runtime" in services
