"""Access to an object dataset: the policies of the reader, the access point, the bucket and the key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from iam_evaluator.evaluation import Decision, decide
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Principal, Request, Resource
from settings.data.dataset import Dataset
from tests.access.world.world import example_world
from tests.support.every_stack import deploy_stack, example_foundation
from tests.support.recorder import Recorder

REGION = "eu-west-1"
LETTERS = Dataset.model_validate(
    {
        "name": "letters",
        "owner": "data@acme.example",
        "classification": "internal",
        "kind": "objects",
        "approved": True,
        "shared_with": {"fraud": ["experimentation", "development", "production"], "churn": ["development"]},
    }
)
HISTORY, ARRIVALS = "letters/historical/a.pdf", "letters/inference/a.pdf"


@cache
def folder() -> Recorder:
    """Returns the stack of the dataset, deployed in the world of the matrix."""
    foundation = example_foundation(datasets=[LETTERS])
    needed = ("organization", "data-lake", "data-catalog", "fraud", "churn", "fraud-data", "churn-data")
    upstream = {name: example_world().deployment[name].exports for name in needed}
    return deploy_stack("data-lake--letters", foundation, upstream=upstream)


def role(place: str, short: str) -> Principal:
    account = example_world().account(place).id
    return example_world().roles[f"arn:aws:iam::{account}:role/plinth/{place}-{short}"].principal


def ada() -> Principal:
    return role("fraud-experimentation", "studio-ada")


def jobs(place: str) -> Principal:
    return role(place, "execution")


def reading(principal: Principal, key: str, point: str) -> Iterator[Decision]:
    """Yields the decisions of the access point, of the bucket behind it, and of the key, which S3 uses."""
    lake = example_world().account("data-lake")
    arn = f"arn:aws:s3:{REGION}:{lake.id}:accesspoint/{point}"
    record = next(r for r in folder().all("aws:s3/accessPoint:AccessPoint") if r.inputs["name"] == point)
    yield asked(principal, Resource(arn=f"{arn}/object/{key}", account=lake, policy=policy(record.inputs["policy"])))
    yield bucket(principal, key, {"s3:DataAccessPointArn": [arn]})
    yield decryption(principal)


def bucket(principal: Principal, key: str, extra: dict[str, list[str]]) -> Decision:
    """Returns the decision of the bucket policy. The reader's identity policy is checked only for the access point."""
    document = folder().one("aws:s3/bucketPolicy:BucketPolicy").inputs["policy"]
    name = folder().one("aws:s3/bucket:Bucket").inputs["bucket"]
    everything = '{"Statement": {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}}'
    able = replace(principal, identity=(Policy.parse("everything", everything),))
    lake = example_world().account("data-lake")
    return asked(able, Resource(arn=f"arn:aws:s3:::{name}/{key}", account=lake, policy=policy(document)), extra)


def decryption(principal: Principal) -> Decision:
    key = folder().one("aws:kms/key:Key")
    name = folder().one("aws:s3/bucket:Bucket").inputs["bucket"]
    lake = example_world().account("data-lake")
    resource = Resource(arn=key.computed["arn"], account=lake, policy=policy(key.inputs["policy"]), needs_policy=True)
    by_s3 = {
        "kms:ViaService": [f"s3.{REGION}.amazonaws.com"],
        "kms:EncryptionContext:aws:s3:arn": [f"arn:aws:s3:::{name}"],
    }
    return decide(Request(principal=principal, action="kms:Decrypt", resource=resource, extra=by_s3))


def asked(principal: Principal, resource: Resource, extra: dict[str, list[str]] | None = None) -> Decision:
    """Returns the decision on GetObject from the network of the reader's account."""
    assert principal.account
    (way,) = example_world().ways.through_the_network(principal.account, "s3:GetObject")
    return decide(
        Request(principal=principal, action="s3:GetObject", resource=resource, endpoint=way.endpoint, extra=extra or {})
    )


def policy(document: str) -> Policy:
    return Policy.parse("document", document)


@pytest.mark.requirement("DL-09.d", "EXP-04.a")
def test_declared_readers_read_their_dataset_parts() -> None:
    for principal, key in (
        (ada(), HISTORY),
        (jobs("fraud-development"), HISTORY),
        (jobs("fraud-production"), ARRIVALS),
    ):
        decisions = list(reading(principal, key, "fraud--letters"))
        assert all(decision.allowed for decision in decisions), (principal.name, decisions)


@pytest.mark.requirement("DL-09.d", "EXP-04.a")
@pytest.mark.parametrize(
    ("place", "short", "key"),
    [
        ("fraud-experimentation", "studio-ada", ARRIVALS),
        ("fraud-production", "execution", HISTORY),
        ("fraud-preproduction", "execution", ARRIVALS),
        ("fraud-development", "pipeline", HISTORY),
        ("churn-development", "execution", HISTORY),
    ],
)
def test_a_teams_access_point_admits_no_other_principal(place: str, short: str, key: str) -> None:
    point, *_ = reading(role(place, short), key, "fraud--letters")
    assert not point.allowed


@pytest.mark.requirement("DL-09.d")
def test_bucket_and_key_do_not_admit_an_account_that_is_not_a_reader() -> None:
    _, behind, key = reading(jobs("churn-production"), ARRIVALS, "churn--letters")
    assert not behind.allowed
    assert not key.allowed


@pytest.mark.requirement("DL-09.d")
def test_a_reader_cannot_bypass_the_access_points() -> None:
    assert not bucket(ada(), HISTORY, {}).allowed
    start = f"arn:aws:s3:{REGION}:{example_world().account('data-lake').id}:accesspoint/"
    assert not bucket(ada(), HISTORY, {"s3:DataAccessPointArn": [f"{start}made-by-hand"]}).allowed
    own = {"s3:DataAccessPointArn": [f"{start}fraud--letters"]}
    assert bucket(ada(), HISTORY, own).allowed
    assert not bucket(ada(), HISTORY, {**own, "aws:VpceOrgID": ["o-stranger99"]}).allowed


@pytest.mark.requirement("DL-08.b", "DL-09.d")
def test_no_access_point_allows_writing() -> None:
    for record in folder().all("aws:s3/accessPoint:AccessPoint"):
        written = policy(record.inputs["policy"]).about("s3:PutObject", "Allow")
        assert not written
