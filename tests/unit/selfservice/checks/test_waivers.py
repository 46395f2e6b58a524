"""Which deletions need a waiver, and which waivers allow them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfservice.checks import waivers
from selfservice.checks.data_loss import DATA_KINDS, SPACE, Loss, losses
from selfservice.checks.waivers import LONGEST_DAYS, refuse_unwaived, unwaived
from selfservice.errors import RefusedError
from selfservice.projects.project import open_project
from settings.derived.foundation import Foundation
from settings.files.loader import load
from settings.organization.waiver import Waiver
from tests.support.every_stack import records_of_every_stack
from tests.support.workbench import REPOSITORY

BUCKET = "urn:pulumi:fraud-production::plinth::plinth:storage:PrivateBucket$aws:s3/bucket:Bucket::fraud-production-ml"
TODAY = date(2026, 11, 23)
CONFIGURATION = {
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:codeconnections/connection:Connection",
    "aws:guardduty/detector:Detector",
    "aws:organizations/account:Account",
    "aws:organizations/organization:Organization",
    "aws:organizations/organizationalUnit:OrganizationalUnit",
    "aws:securityhub/account:Account",
    "aws:cloudtrail/trail:Trail",
}
"""Types that stacks protect although they hold no data that is lost with them. Accounts are retained by the engine."""


def waiver(**changes: str) -> Waiver:
    values = {
        "stack": "fraud-production",
        "resource": "aws:s3/bucket:Bucket::fraud-production-ml",
        "reason": "The objects were copied elsewhere.",
        "requester": "owner@acme.example",
        "expires": TODAY.isoformat(),
    }
    return Waiver.model_validate({**values, **changes})


def state(urn: str = BUCKET, **more: bool) -> dict[str, object]:
    return {"urn": urn, "type": urn.split("::")[2].rpartition("$")[2], "custom": True, **more}


def lost(step: str = "delete", urn: str = BUCKET) -> Loss:
    return Loss(stack="fraud-production", urn=urn, step=step)


@pytest.mark.parametrize("step", ["delete", "replace"])
def test_deleting_or_replacing_a_resource_with_data_is_a_loss_and_nothing_else_is(step: str) -> None:
    role = BUCKET.replace("aws:s3/bucket:Bucket", "aws:iam/role:Role")
    policy = BUCKET.replace("aws:s3/bucket:Bucket", "aws:s3/bucketPolicy:BucketPolicy")
    found = losses("fraud-production", {BUCKET: step, role: step, policy: step}, [state(), state(role)])
    assert found == [lost(step)]
    assert found[0].resource == "aws:s3/bucket:Bucket::fraud-production-ml"


@pytest.mark.parametrize("kept", ["retainOnDelete", "external"])
def test_what_the_engine_leaves_in_aws_is_not_lost(kept: str) -> None:
    assert losses("fraud-production", {BUCKET: "delete"}, [state(**{kept: True})]) == []


def test_a_link_to_a_database_is_not_lost_and_a_database_is() -> None:
    database = BUCKET.replace("aws:s3/bucket:Bucket", "aws:glue/catalogDatabase:CatalogDatabase")
    link = {**state(database), "inputs": {"targetDatabase": {"databaseName": "historical"}}}
    assert losses("fraud-data", {database: "delete"}, [link]) == []
    assert losses("fraud-data", {database: "delete"}, [state(database)]) != []


def test_a_space_may_go_with_its_person_and_may_not_be_replaced() -> None:
    space = BUCKET.replace("aws:s3/bucket:Bucket", SPACE)
    assert losses("fraud", {space: "delete"}, []) == []
    assert [loss.urn for loss in losses("fraud", {space: "replace"}, [])] == [space]


def test_every_type_that_a_stack_protects_is_a_kind_of_data_or_known_to_be_none() -> None:
    protected = {record.type for _, record in records_of_every_stack() if record.protect}
    assert {type_ for type_ in protected if type_.startswith("aws:")} - CONFIGURATION - DATA_KINDS.keys() == set()


def test_the_kinds_of_data_are_types_that_exist() -> None:
    used = {record.type for _, record in records_of_every_stack()}
    assert len(used & DATA_KINDS.keys()) >= 10


@given(days=st.integers(-400, 400))
def test_a_waiver_is_valid_from_thirty_days_before_its_last_day_to_that_day(days: int) -> None:
    given_ = waiver(expires=(TODAY + timedelta(days=days)).isoformat())
    assert (unwaived([lost()], [given_], TODAY) == []) is (0 <= days <= LONGEST_DAYS)


OTHERS = st.fixed_dictionaries(
    {
        "stack": st.sampled_from(["fraud", "fraud-production", "fraud-preproduction", "churn-production"]),
        "resource": st.sampled_from(
            [f"{data_kind}::{name}" for data_kind in DATA_KINDS for name in ("a", "fraud-production-ml")]
        ),
    }
)


@given(named=st.lists(OTHERS), urns=st.sets(st.sampled_from(sorted(DATA_KINDS))))
def test_a_waiver_allows_the_loss_of_its_resource_in_its_stack_and_of_no_other(
    named: list[dict[str, str]], urns: set[str]
) -> None:
    found = [lost(urn=BUCKET.replace("aws:s3/bucket:Bucket", urn)) for urn in sorted(urns)]
    allowed = {(target["stack"], target["resource"]) for target in named}
    refused = unwaived(found, [waiver(**target) for target in named], TODAY)
    expected = [loss.urn for loss in found if (loss.stack, loss.resource) not in allowed]
    assert [problem.urn for problem in refused] == expected


@given(named=st.lists(st.integers(-60, 60)))
def test_one_valid_waiver_among_others_is_enough(named: list[int]) -> None:
    given_ = [waiver(expires=(TODAY + timedelta(days=days)).isoformat()) for days in named]
    assert (unwaived([lost()], given_, TODAY) == []) is any(0 <= days <= LONGEST_DAYS for days in named)


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ([], ["no waiver allows it", "add a waiver"]),
        (
            [waiver(expires="2026-11-22")],
            ["the waiver that owner@acme.example requested expired after 2026-11-22", "change its date"],
        ),
        ([waiver(expires="2026-12-24")], ["expires on 2026-12-24, more than 30 days ahead"]),
    ],
    ids=["none", "expired", "too long"],
)
def test_the_refusal_names_place_cause_and_the_waiver_to_add(given_: list[Waiver], said: list[str]) -> None:
    (problem,) = unwaived([lost("replace")], given_, TODAY)
    place = [
        "fraud-production: would replace aws:s3/bucket:Bucket fraud-production-ml and with it its objects",
        "in `waivers` of plinth:organization in Pulumi.yaml, at most until 2026-12-23",
        'resource: "aws:s3/bucket:Bucket::fraud-production-ml"',
    ]
    for words in [*place, *said]:
        assert words in problem.message


@pytest.fixture
def destroy(monkeypatch: pytest.MonkeyPatch):
    """Returns a function that checks the destruction of a stack that contains a bucket."""
    project = open_project(REPOSITORY)

    def check(stack: str, *given_: Waiver, **more: bool) -> None:
        held = {**state(BUCKET.replace("fraud-production::", f"{stack}::")), **more}
        monkeypatch.setattr(waivers, "resources_by_stack", lambda _, stacks: {name: [held] for name in stacks})
        monkeypatch.setattr("settings.files.validation_cache.load_cached", lambda _: with_waivers(*given_))
        refuse_unwaived(project, [stack])

    return check


def with_waivers(*given_: Waiver) -> Foundation:
    foundation = load(REPOSITORY)
    changed = foundation.organization.model_copy(update={"waivers": given_})
    return Foundation.of(
        changed,
        list(foundation.teams.values()),
        list(foundation.environments.values()),
        list(foundation.datasets.values()),
        list(foundation.feature_groups.values()),
    )


@pytest.mark.requirement("ACC-08.d", "COST-05.b")
def test_production_and_what_outlives_environments_is_destroyed_with_a_waiver_only(destroy) -> None:
    for stack in ("fraud-production", "data-lake--card-payments", "fraud--scoring"):
        with pytest.raises(RefusedError, match="nothing was destroyed, because data would be lost"):
            destroy(stack)
    valid = datetime.now(UTC).date().isoformat()
    destroy("fraud-production", waiver(expires=valid))
    destroy("fraud-production", retainOnDelete=True)
    destroy("fraud-experimentation")
    destroy("fraud-preproduction")
