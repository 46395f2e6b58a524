"""Data that the lake pushes into environments: the resources that ``pushed_to`` adds."""

from functools import cache

import pytest

from settings.data.dataset import Dataset
from tests.support.documents import as_list, statements
from tests.support.every_stack import MADE, Deployment, example_foundation

CARDS = {**MADE.model_dump(), "shared_with": {"fraud": ("development", "production")}}
PUSHED = Dataset.model_validate({**CARDS, "pushed_to": {"fraud": ("development", "production")}})
STACK = "data-lake--cards"


@cache
def deployment(*, preview=False):
    return Deployment(example_foundation(datasets=[PUSHED]), preview=preview)


def job():
    return deployment()[STACK].one("aws:glue/job:Job").inputs


def permissions():
    (policy,) = [
        record
        for record in deployment()[STACK].all("aws:iam/rolePolicy:RolePolicy")
        if record.inputs["role"] == "data-lake-etl-cards"
    ]
    return statements(policy)


@pytest.mark.requirement("INT-07")
def test_the_script_receives_the_folder_of_each_part_in_each_reading_environment():
    buckets = {place: deployment()[f"fraud-{place}"].exports["bucket_name"] for place in ("development", "production")}
    arguments = job()["defaultArguments"]
    assert arguments["--pushed_historical"] == f"s3://{buckets['development']}/pushed/cards/historical/"
    assert arguments["--pushed_inference"].split(",") == [
        f"s3://{bucket}/pushed/cards/inference/" for bucket in buckets.values()
    ]


@pytest.mark.requirement("INT-07")
def test_the_job_may_write_to_and_encrypt_for_these_buckets_only():
    buckets = [deployment()[f"fraud-{place}"].exports["bucket_arn"] for place in ("development", "production")]
    found = permissions()
    assert as_list(found["PushTheDataset"]["Resource"]) == [
        f"{buckets[0]}/pushed/cards/historical/*",
        f"{buckets[0]}/pushed/cards/inference/*",
        f"{buckets[1]}/pushed/cards/inference/*",
    ]
    bound = found["EncryptWhatIsPushed"]["Condition"]["StringEquals"]
    assert (bound["kms:EncryptionContext:aws:s3:arn"], bound["kms:ViaService"]) == (
        buckets,
        "s3.eu-west-1.amazonaws.com",
    )


@pytest.mark.requirement("INT-07")
def test_without_a_push_neither_the_job_nor_its_boundary_allows_one():
    quiet = Deployment(example_foundation(datasets=[Dataset.model_validate(CARDS)]))
    assert not [name for name in quiet[STACK].one("aws:glue/job:Job").inputs["defaultArguments"] if "pushed" in name]
    for deployed, pushes in ((quiet, False), (deployment(), True)):
        ceilings = [record.inputs["policy"] for record in deployed["data-lake"].all("aws:iam/policy:Policy")]
        assert any("PushIntoEnvironments" in policy for policy in ceilings) == pushes


def test_a_first_preview_of_a_push_shows_the_job():
    assert deployment(preview=True)[STACK].one("aws:glue/job:Job").inputs["name"] == "lake-cards"
