"""A dataset of the example organization that is pushed into environments."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.workbench import Workbench

PLACES = ("fraud-preproduction", "fraud-production")
FOLDER = "pushed/card-payments/inference/"


def pushers_of(acme: Workbench) -> list[dict[str, Any]]:
    """Statements of the production bucket that let somebody in."""
    outputs = acme.outputs("fraud-production")
    policy = acme.client("s3", outputs["account_id"]).get_bucket_policy(Bucket=outputs["bucket_name"])["Policy"]
    return [s for s in json.loads(policy)["Statement"] if s["Effect"] == "Allow"]


@pytest.mark.requirement("INT-07")
def test_the_job_of_the_lake_lays_objects_into_the_bucket_of_production(acme: Workbench) -> None:
    lake, production = acme.outputs("data-lake"), acme.outputs("fraud-production")
    job = acme.client("s3", lake["account_id"], role="plinth/data-lake-etl-card-payments")
    job.put_object(Bucket=production["bucket_name"], Key=f"{FOLDER}1.parquet", Body=b"payments")
    found = acme.client("s3", production["account_id"]).get_object(
        Bucket=production["bucket_name"], Key=f"{FOLDER}1.parquet"
    )
    assert found["Body"].read() == b"payments"
    assert found["SSEKMSKeyId"] == production["key_arn"]


@pytest.mark.requirement("INT-07", "AMB-20.b")
def test_bucket_key_and_job_say_the_same_of_a_push(acme: Workbench) -> None:
    lake, production = acme.outputs("data-lake"), acme.outputs("fraud-production")
    maker = f"arn:aws:iam::{lake['account_id']}:role/plinth/data-lake-etl-card-payments"
    (taken,) = pushers_of(acme)
    assert taken["Condition"]["ArnEquals"]["aws:PrincipalArn"] == maker
    assert taken["Resource"] == f"{production['bucket_arn']}/{FOLDER}*"
    keys = acme.client("kms", production["account_id"])
    policy = keys.get_key_policy(KeyId=production["key_arn"], PolicyName="default")["Policy"]
    served = {s["Sid"]: s for s in json.loads(policy)["Statement"]}["PushersEncryptThroughS3"]
    assert served["Condition"]["ArnEquals"]["aws:PrincipalArn"] == maker
    job = acme.client("glue", lake["account_id"]).get_job(JobName="lake-card-payments")["Job"]
    told = job["DefaultArguments"]["--pushed_inference"].split(",")
    assert told == [f"s3://{acme.outputs(place)['bucket_name']}/{FOLDER}" for place in PLACES]
