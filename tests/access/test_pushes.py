"""Pushing data from the lake to an environment: the policies of the job, its permissions boundary, the bucket and the
key."""

from __future__ import annotations

from functools import cache

import pytest

from iam_evaluator.evaluation import Decision, decide
from iam_evaluator.request import Principal, Request
from settings.data.dataset import Dataset
from tests.access.world.world import World
from tests.support.every_stack import MADE, Deployment, example_foundation

CARDS = {**MADE.model_dump(), "shared_with": {"fraud": ("development", "preproduction", "production")}}
PUSHED = Dataset.model_validate({**CARDS, "pushed_to": {"fraud": ("production",)}})
OTHER = Dataset.model_validate({**CARDS, "name": "rates"})
PRODUCTION, PREPRODUCTION = "fraud-production", "fraud-preproduction"
PUSHER, MAKER, JOBS = "data-lake-etl-cards", "data-lake-etl-rates", "fraud-production-execution"
FOLDER = "pushed/cards/inference/1.parquet"
WRITE = {"s3:ObjectCreationOperation": ["true"]}


@cache
def world(pushes: bool = True) -> World:
    quiet = Dataset.model_validate({**CARDS, "pushed_to": {}})
    return World(Deployment(example_foundation(datasets=[PUSHED if pushes else quiet, OTHER])))


def role(name: str, place: str = "data-lake", *, pushes: bool = True) -> Principal:
    account = world(pushes).account(place).id
    return world(pushes).roles[f"arn:aws:iam::{account}:role/plinth/{name}"].principal


def asked(principal: Principal, action: str, key: str, place: str = PRODUCTION, *, pushes: bool = True) -> Decision:
    """Returns the decision on a request from the network of the caller's account."""
    names = world(pushes).names(place)
    resource = world(pushes).resources.requested(f"{names['bucket_arn']}/{key}", action, names["account"], {})
    assert principal.account
    (way, *_) = world(pushes).ways.through_the_network(principal.account, action)
    return decide(Request(principal=principal, action=action, resource=resource, endpoint=way.endpoint, extra=WRITE))


def encryption(principal: Principal, place: str = PRODUCTION, *, bucket_of: str = PRODUCTION) -> Decision:
    names = world().names(place)
    resource = world().resources.requested(names["key_arn"], "kms:GenerateDataKey", names["account"], {})
    by_s3 = {
        "kms:ViaService": ["s3.eu-west-1.amazonaws.com"],
        "kms:EncryptionContext:aws:s3:arn": [world().names(bucket_of)["bucket_arn"]],
    }
    return decide(Request(principal=principal, action="kms:GenerateDataKey", resource=resource, extra=by_s3))


@pytest.mark.requirement("INT-07")
def test_the_job_of_a_pushed_dataset_writes_its_part_to_the_environment() -> None:
    for action in ("s3:PutObject", "s3:AbortMultipartUpload"):
        decision = asked(role(PUSHER), action, FOLDER)
        assert decision.allowed, decision
    assert encryption(role(PUSHER)).allowed


@pytest.mark.requirement("INT-07")
@pytest.mark.parametrize(
    ("action", "key"),
    [
        ("s3:PutObject", "pushed/cards/historical/1.parquet"),
        ("s3:PutObject", "pushed/rates/inference/1.parquet"),
        ("s3:PutObject", "scoring/input/1.parquet"),
        ("s3:GetObject", FOLDER),
        ("s3:DeleteObject", FOLDER),
    ],
)
def test_the_job_writes_and_reads_nothing_else(action: str, key: str) -> None:
    assert not asked(role(PUSHER), action, key).allowed


@pytest.mark.requirement("INT-07")
def test_the_job_does_not_reach_other_environments() -> None:
    assert not asked(role(PUSHER), "s3:PutObject", FOLDER, PREPRODUCTION).allowed
    assert not encryption(role(PUSHER), PREPRODUCTION, bucket_of=PREPRODUCTION).allowed


@pytest.mark.requirement("INT-07")
def test_no_other_principal_writes_to_the_pushed_folder() -> None:
    assert not asked(role(MAKER), "s3:PutObject", FOLDER).allowed
    assert not encryption(role(MAKER)).allowed
    own = role(JOBS, PRODUCTION)
    assert not asked(own, "s3:PutObject", FOLDER).allowed
    assert asked(own, "s3:GetObject", FOLDER).allowed
    (anybody, *_) = world().sessions("an administrator of data-lake", PRODUCTION)
    assert not asked(anybody, "s3:PutObject", FOLDER).allowed


@pytest.mark.requirement("INT-07")
def test_without_pushed_to_no_policy_allows_pushing() -> None:
    assert not asked(role(PUSHER, pushes=False), "s3:PutObject", FOLDER, pushes=False).allowed
    with_push, without = (world(pushes).deployment for pushes in (True, False))
    for type_ in ("aws:s3/bucketPolicy:BucketPolicy", "aws:kms/key:Key"):
        policies = [record.inputs["policy"] for record in without[PRODUCTION].all(type_)]
        assert not any("data-lake-etl" in policy or "pushed/" in policy for policy in policies)
        assert policies != [record.inputs["policy"] for record in with_push[PRODUCTION].all(type_)]
