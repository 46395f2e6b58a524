"""A dataset of the example organization that is pushed into environments, and then no more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.support.workbench import Workbench

CARDS, PLACES = "data-lake--card-payments", ("fraud-preproduction", "fraud-production")
FOLDER = "pushed/card-payments/inference/"


@pytest.fixture(scope="module")
def pushing(acme: Workbench) -> Iterator[Workbench]:
    """Card payments are pushed to fraud, where production is what pre-production is."""
    file = acme.settings_file(CARDS)
    usual = file.read_text(encoding="utf-8")
    declared = yaml.safe_load(usual)
    declared["config"]["plinth:dataset"]["pushed_to"] = {"fraud": ["preproduction", "production"]}
    stacks = ("data-lake", *PLACES, CARDS)
    try:
        file.write_text(json.dumps(declared), encoding="utf-8")
        acme.plinth("up", *stacks, "--yes")
        yield acme
    finally:
        file.write_text(usual, encoding="utf-8")
        acme.plinth("up", *stacks, "--yes")
        assert pushers_of(acme) == []


def pushers_of(acme: Workbench) -> list[dict[str, Any]]:
    """Statements of the production bucket that let somebody in."""
    outputs = acme.outputs("fraud-production")
    policy = acme.client("s3", outputs["account_id"]).get_bucket_policy(Bucket=outputs["bucket_name"])["Policy"]
    return [s for s in json.loads(policy)["Statement"] if s["Effect"] == "Allow"]


@pytest.mark.requirement("INT-07")
def test_the_job_of_the_lake_lays_objects_into_the_bucket_of_production(pushing: Workbench) -> None:
    lake, production = pushing.outputs("data-lake"), pushing.outputs("fraud-production")
    job = pushing.client("s3", lake["account_id"], role="plinth/data-lake-etl-card-payments")
    job.put_object(Bucket=production["bucket_name"], Key=f"{FOLDER}1.parquet", Body=b"payments")
    found = pushing.client("s3", production["account_id"]).get_object(
        Bucket=production["bucket_name"], Key=f"{FOLDER}1.parquet"
    )
    assert found["Body"].read() == b"payments"
    assert found["SSEKMSKeyId"] == production["key_arn"]


@pytest.mark.requirement("INT-07")
def test_bucket_key_and_job_say_the_same_of_a_push(pushing: Workbench) -> None:
    lake, production = pushing.outputs("data-lake"), pushing.outputs("fraud-production")
    maker = f"arn:aws:iam::{lake['account_id']}:role/plinth/data-lake-etl-card-payments"
    (taken,) = pushers_of(pushing)
    assert taken["Condition"]["ArnEquals"]["aws:PrincipalArn"] == maker
    assert taken["Resource"] == f"{production['bucket_arn']}/{FOLDER}*"
    keys = pushing.client("kms", production["account_id"])
    policy = keys.get_key_policy(KeyId=production["key_arn"], PolicyName="default")["Policy"]
    served = {s["Sid"]: s for s in json.loads(policy)["Statement"]}["PushersEncryptThroughS3"]
    assert served["Condition"]["ArnEquals"]["aws:PrincipalArn"] == maker
    job = pushing.client("glue", lake["account_id"]).get_job(JobName="lake-card-payments")["Job"]
    told = job["DefaultArguments"]["--pushed_inference"].split(",")
    assert told == [f"s3://{pushing.outputs(place)['bucket_name']}/{FOLDER}" for place in PLACES]


def test_a_second_preview_of_a_push_is_empty(pushing: Workbench) -> None:
    assert pushing.plinth("preview", "data-lake", *PLACES, CARDS, "--expect-no-changes").returncode == 0
