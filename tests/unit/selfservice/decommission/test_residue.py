"""Tests that resources left in an account are listed by type, and that a newly created account counts as empty."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from components.identity.deployer.kinds import calls_in
from selfservice.decommission.listings import COVERED, LISTINGS, SETTINGS_OF_ACCOUNTS, Listing
from selfservice.decommission.residue import delete_log_groups, residue_of
from selfservice.engine.account_access import Account

EPHEMERAL = ("experimentation", "development", "preproduction", "production")
TRUST = {"Version": "2012-10-17", "Statement": []}


def listed(account: Account, *types: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for evidence in residue_of([account], [listing for listing in LISTINGS if listing.kind in types]):
        found.setdefault(evidence.details["type"], []).append(evidence.details["resource"])
    return found


@pytest.mark.requirement("COST-05.a", "GOV-06.a")
def test_what_is_left_is_named_and_what_aws_has_itself_is_not(account: Account) -> None:
    iam, kms = account.client("iam"), account.client("kms")
    for path, name in (("/", "OrganizationAccountAccessRole"), ("/aws-service-role/x/", "Service"), ("/", "forgotten")):
        iam.create_role(Path=path, RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    kept, going = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    kms.schedule_key_deletion(KeyId=going)
    account.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    types = ("IAM role", "VPC", "bucket", "event bus", "Athena workgroup")
    found = listed(account, *types)
    assert found.pop("VPC")[0].startswith("vpc-")
    assert found == {"IAM role": ["forgotten"], "KMS key": [kept]}


def test_a_service_that_does_not_answer_is_no_proof_of_emptiness(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.exceptions import ClientError

    def refuse(_self: Account, _service: str, operation: str, _key: str, **_: Any) -> Iterator[Any]:
        if operation == "list_buckets":
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListBuckets")
        return iter(())

    monkeypatch.setattr(Account, "every", refuse)
    (found,) = residue_of([account])
    assert found.details["type"] == "bucket"
    assert "AccessDenied" in found.details["reason"]


def test_many_resources_of_a_type_are_counted(account: Account) -> None:
    sqs = account.client("sqs")
    for number in range(52):
        sqs.create_queue(QueueName=f"queue-{number}")
    (found,) = listed(account, "queue").values()
    assert (len(found), found[-1]) == (51, "more")


def test_log_groups_are_deleted(account: Account) -> None:
    logs = account.client("logs")
    for name in ("/aws/sagemaker/TrainingJobs", "/aws/lambda/x"):
        logs.create_log_group(logGroupName=name)
    assert delete_log_groups(account) == 2
    assert delete_log_groups(account) == 0
    assert listed(account, "log group") == {}


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.kind)
def test_the_service_has_the_operation_and_its_answer_the_members(listing: Listing) -> None:
    model = _model(listing.service)
    names = {xform_name(name): name for name in model.operation_names}
    operation = model.operation_model(names[listing.operation])
    items = operation.output_shape.members[listing.items].member
    assert set(listing.asked) <= set(operation.input_shape.members)
    assert items.type_name == "string" if not listing.name else listing.name in items.members


_MODELS: dict[str, Any] = {}


def _model(service: str) -> Any:
    if service not in _MODELS:
        _MODELS[service] = botocore.session.get_session().get_service_model(service)
    return _MODELS[service]


def test_every_module_of_resource_types_in_accounts_of_teams_has_a_listing() -> None:
    modules = {type_.split(":")[1].partition("/")[0] for type_, _ in calls_in(EPHEMERAL)}
    assert modules - set(SETTINGS_OF_ACCOUNTS) == set(COVERED)
    assert set(COVERED.values()) <= {listing.kind for listing in LISTINGS}
    assert len({listing.kind for listing in LISTINGS}) == len(LISTINGS)
