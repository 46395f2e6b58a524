"""The ML buckets of the example organization, read back by another client than the one that made them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from settings.data.ml_layout import class_prefix, retained_in
from settings.files.loader import load
from settings.team.retention import EVIDENCE_BYTES, retention_of
from settings.types.kinds import ENVIRONMENTS, RELEASED_TO, Environment
from settings.types.naming import ml_bucket_prefix
from tests.support.workbench import Workbench


def bucket_of(acme: Workbench, stack: str) -> tuple[Any, dict[str, str]]:
    outputs = acme.outputs(stack)
    return acme.client("s3", outputs["account_id"]), {"Bucket": outputs["bucket_name"]}


@pytest.mark.requirement("S3-01", "S3-07.a", "S3-08")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_builds_of_every_use_case_and_class_expire_as_the_settings_say(
    acme: Workbench, environment: Environment
) -> None:
    foundation = load(acme.project)
    s3, bucket = bucket_of(acme, f"fraud-{environment}")
    assert bucket["Bucket"].startswith(f"{ml_bucket_prefix(environment)}fraud-")
    rules = {rule["ID"]: rule for rule in s3.get_bucket_lifecycle_configuration(**bucket)["Rules"]}
    said = foundation.environment_of("fraud", environment).retention
    for name, use_case in foundation.teams["fraud"].use_cases.items():
        if environment in RELEASED_TO:
            asynchronous = rules.pop(f"{name}-asynchronous")
            assert asynchronous["Filter"]["Prefix"] == f"{name}/asynchronous/"
            assert asynchronous["Expiration"]["Days"] == 30
            predictions = rules.pop(f"{name}-predictions")
            assert predictions["Filter"]["Prefix"] == f"{name}/monitoring/predictions/"
            assert predictions["Expiration"]["Days"] == 100
        for retention_class in retained_in(environment):
            retention = retention_of(retention_class, use_case.retention, said)
            whole, data = (
                rules.pop(f"{name}-{retention_class}", None),
                rules.pop(f"{name}-{retention_class}-data", None),
            )
            assert whole is None or whole["Filter"]["Prefix"] == class_prefix(name, retention_class)
            assert (whole or {}).get("Expiration", {}).get("Days") == retention.longest_days
            assert (whole or {}).get("NoncurrentVersionExpiration", {}).get("NoncurrentDays") == retention.history_days
            assert (data is not None) is (retention.evidence_days is not None)
            if data is not None:
                larger = {"Prefix": class_prefix(name, retention_class), "ObjectSizeGreaterThan": EVIDENCE_BYTES}
                assert (data["Filter"]["And"], data["Expiration"]["Days"]) == (larger, retention.days)
    assert set(rules) == {"expire", "queries"}


@pytest.mark.requirement("S3-01", "S3-09.c")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_bucket_refuses_keys_outside_the_layout_and_snapshots_that_are_there(
    acme: Workbench, environment: Environment
) -> None:
    s3, bucket = bucket_of(acme, f"fraud-{environment}")
    statements = {s["Sid"]: s for s in json.loads(s3.get_bucket_policy(**bucket)["Policy"])["Statement"]}
    arn = f"arn:aws:s3:::{bucket['Bucket']}"
    pushed = environment in load(acme.project).datasets["card-payments"].pushed_to["fraud"]
    folders = ("disputes", "scoring", "queries", *(["pushed"] if pushed else []))
    assert set(statements["RefuseKeysOutsideTheLayout"]["NotResource"]) == {f"{arn}/{folder}/*" for folder in folders}
    assert statements["RefuseReplacedSnapshots"]["Resource"] == f"{arn}/*/training-snapshots/*"
    assert ("RefusePeople" in statements) is (environment != "experimentation")
    allowed = {sid for sid, statement in statements.items() if statement["Effect"] == "Allow"}
    assert allowed == ({"TakeWhatIsPushed1"} if pushed else set())
