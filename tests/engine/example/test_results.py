"""Results of models that come back to the lake of the example organization."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.running import answer, ask, run_job
from tests.support.workbench import REPOSITORY, Workbench

SCORES = "data-lake--fraud-scores"
FOLDER = "results/fraud-scores/fraud/production"
JOBS = "plinth/fraud-production-execution"


@pytest.mark.requirement("INT-08.a")
def test_a_job_of_production_lays_results_into_the_landing_bucket(acme: Workbench, lake: dict[str, Any]) -> None:
    key, home = f"{FOLDER}/day=2026-11-21/scores.json", acme.outputs("fraud-production")
    job = acme.client("s3", home["account_id"], role=JOBS)
    job.put_object(Bucket=acme.outputs(SCORES)["drop_points"]["fraud"], Key=key, Body=b'{"payment_id": "1"}')
    landed = acme.client("s3", lake["account_id"]).get_object(Bucket=lake["zone_buckets"]["landing"], Key=key)
    assert landed["Body"].read() == b'{"payment_id": "1"}'
    assert (landed["ServerSideEncryption"], landed["SSEKMSKeyId"]) == ("aws:kms", lake["key_arn"])


@pytest.mark.requirement("INT-08.a")
def test_access_point_bucket_and_key_agree_on_writing_and_on_nothing_else(
    acme: Workbench, lake: dict[str, Any]
) -> None:
    account, landing = lake["account_id"], lake["zone_buckets"]["landing"]
    points = acme.client("s3control", account)
    (point,) = points.list_access_points(AccountId=account, Bucket=landing)["AccessPointList"]
    policy = points.get_access_point_policy(AccountId=account, Name=point["Name"])["Policy"]
    of_point = {s["Sid"]: s for s in json.loads(policy)["Statement"]}
    taken = {s["Resource"].partition("/object/")[2]: s for sid, s in of_point.items() if s["Effect"] == "Allow"}
    # Monitoring writes requests that people have curated, each use case into a folder of its own.
    folders = [FOLDER, FOLDER.replace("production", "preproduction")]
    assert set(taken) == {f"{folder}/{part}" for folder in folders for part in ("*", "curated/scoring/*")}
    home = acme.outputs("fraud-production")["account_id"]
    writers = {part: taken[part]["Condition"]["ArnEquals"]["aws:PrincipalArn"] for part in taken if FOLDER in part}
    assert writers == {
        f"{FOLDER}/*": f"arn:aws:iam::{home}:role/{JOBS}",
        f"{FOLDER}/curated/scoring/*": f"arn:aws:iam::{home}:role/plinth/fraud--scoring-prod-monitoring",
    }
    assert {"GiveNothing", "TakeFromNobodyElse"} <= set(of_point)
    of_bucket = json.loads(acme.client("s3", account).get_bucket_policy(Bucket=landing)["Policy"])["Statement"]
    (left,) = [s for s in of_bucket if s["Effect"] == "Allow"]
    assert left["Condition"]["ArnLike"]["s3:DataAccessPointArn"].endswith(f"{account}:accesspoint/*--drop")
    document = acme.client("kms", account).get_key_policy(KeyId=lake["key_arn"], PolicyName="default")["Policy"]
    by_sid = {s["Sid"]: s for s in json.loads(document)["Statement"]}
    bound = by_sid["OrganizationEncryptsResults"]["Condition"]["StringEquals"]
    assert bound["kms:EncryptionContext:aws:s3:arn"] == f"arn:aws:s3:::{landing}"


@pytest.mark.requirement("DL-10.a", "INT-08.b")
def test_what_comes_back_is_made_a_table_of_the_zone_of_results_that_others_are_granted(
    acme: Workbench, lake: dict[str, Any]
) -> None:
    account = lake["account_id"]
    pattern = acme.client("events", account).describe_rule(Name="lake-arrival-fraud-scores")["EventPattern"]
    assert json.loads(pattern)["detail"]["object"] == {"key": [{"prefix": "results/fraud-scores/"}]}
    glue = acme.client("glue", account)
    job = glue.get_job(JobName="lake-fraud-scores")["Job"]
    assert f"s3://{lake['zone_buckets']['landing']}/results/fraud-scores/" in job["DefaultArguments"]["--sources"]
    bucket, _, key = job["Command"]["ScriptLocation"].removeprefix("s3://").partition("/")
    stored = acme.client("s3", account).get_object(Bucket=bucket, Key=key)["Body"].read()
    assert stored == (REPOSITORY / "etl" / "fraud_scores.py").read_bytes()
    table = {"DatabaseName": "historical", "Name": "fraud_scores"}
    location = glue.get_table(**table)["Table"]["StorageDescriptor"]["Location"]
    assert location == f"s3://{lake['zone_buckets']['results']}/fraud-scores/historical/"
    found = acme.client("lakeformation", account).get_resource_lf_tags(Resource={"Table": table})
    tags = {tag["TagKey"]: tag["TagValues"] for tag in found["LFTagsOnTable"]}
    assert (tags["team-churn"], tags["zone"]) == (["dev"], ["results"])


@pytest.mark.requirement("DL-10.a", "DL-10.b", "INT-08.b")
def test_what_models_found_in_production_is_read_by_another_team_by_its_grant(
    acme: Workbench, lake: dict[str, Any]
) -> None:
    job = acme.client("s3", acme.outputs("fraud-production")["account_id"], role=JOBS)
    rows = [{"payment_id": f"p-{number}", "score": number / 10, "model": "7"} for number in range(3)]
    body = "\n".join(json.dumps(row) for row in [*rows, rows[0]])
    point = acme.outputs(SCORES)["drop_points"]["fraud"]
    job.put_object(Bucket=point, Key=f"{FOLDER}/found.json", Body=body.encode())
    run_job(acme, lake["account_id"], "lake-fraud-scores")
    query = "SELECT payment_id, score, environment FROM lake_historical.fraud_scores WHERE model = '7' ORDER BY 1"
    found = answer(acme, "churn-development", "churn-development-execution", query)
    assert found[1:] == [["p-0", "0.0", "production"], ["p-1", "0.1", "production"], ["p-2", "0.2", "production"]]
    _, refused = ask(acme, "fraud-development", "fraud-development-execution", query)
    assert "Insufficient Lake Formation permission" in refused["Status"]["StateChangeReason"]
