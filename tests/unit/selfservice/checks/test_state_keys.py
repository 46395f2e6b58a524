"""Keys of states that cannot encrypt states are refused before anything is changed (row 34)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import boto3
import pytest
import yaml
from botocore.exceptions import ClientError

from selfservice.checks.state_keys import refuse_unusable_keys
from selfservice.engine import account_access
from selfservice.errors import BadInputError
from selfservice.projects.project import open_project
from tests.unit.selfservice.checks.test_adopted_accounts import (  # noqa: F401 (fixtures)
    Organization,
    organization,
    project,
)

REGION = "eu-west-1"
DIGEST = f"sha256:{'a' * 64}"


def key(**described: str) -> str:
    arn: str = boto3.client("kms", region_name=REGION).create_key(**described)["KeyMetadata"]["Arn"]
    return arn


def id_of(arn: str) -> str:
    return arn.rpartition("/")[2]


def write_keys(project: Path, reviews: Sequence[str], runner: Sequence[str] = ()) -> None:  # noqa: F811
    file = project / "Pulumi.yaml"
    content = yaml.safe_load(file.read_text())
    settings = content["config"]["plinth:organization"]["value"]
    settings["reviews"] = {"state_bucket": "acme-states", "state_keys": list(reviews)}
    if runner:
        settings["tooling_cluster"] = {
            "runner": {"image": DIGEST, "state_bucket": "acme-states", "state_keys": list(runner)}
        }
    file.write_text(json.dumps(content))


def refusal(project: Path, *stacks: str) -> str:  # noqa: F811
    with pytest.raises(BadInputError) as refused:
        refuse_unusable_keys(open_project(project), stacks)
    return str(refused.value)


@pytest.mark.threat("T-08")
def test_all_keys_that_cannot_encrypt_states_are_refused_together(
    project: Path,  # noqa: F811
    organization: Organization,  # noqa: F811
) -> None:
    kms = boto3.client("kms", region_name=REGION)
    usable, disabled, leaving = key(), key(), key()
    kms.disable_key(KeyId=id_of(disabled))
    kms.schedule_key_deletion(KeyId=id_of(leaving), PendingWindowInDays=7)
    signing = key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    account, missing = usable.split(":")[4], f"{usable[:-1]}{'0' if usable[-1] != '0' else '1'}"
    foreign = usable.replace(account, "999999999999")
    write_keys(project, [usable, disabled, leaving, signing, missing, foreign])
    said = refusal(project, "governance", "fraud")
    place = "Pulumi.yaml: plinth:organization.reviews.state_keys"
    assert said.splitlines()[1:] == [
        f"  {place}[1]: {disabled} is in the state Disabled; enable it with `aws kms enable-key --region {REGION} "
        f"--key-id {disabled}`, or name another key",
        f"  {place}[2]: {leaving} is in the state PendingDeletion; cancel its deletion with `aws kms "
        f"cancel-key-deletion --region {REGION} --key-id {leaving}` and enable it, or name another key",
        f"  {place}[3]: {signing} is a key of type ECC_NIST_P256 for SIGN_VERIFY; name a key of type "
        "SYMMETRIC_DEFAULT for ENCRYPT_DECRYPT",
        f"  {place}[4]: {missing} does not exist in account {account}, region {REGION}; name a key in the state "
        "Enabled",
        f"  {place}[5]: {foreign} belongs to account 999999999999, which is not in the organization; name a key of one "
        "of its accounts",
    ]


def test_a_key_is_looked_at_only_for_stacks_that_use_it(
    project: Path,  # noqa: F811
    organization: Organization,  # noqa: F811
) -> None:
    usable, disabled = key(), key()
    boto3.client("kms", region_name=REGION).disable_key(KeyId=id_of(disabled))
    write_keys(project, [usable], runner=[disabled])
    refuse_unusable_keys(open_project(project), ["governance", "tooling"])
    assert "plinth:organization.tooling_cluster.runner.state_keys[0]" in refusal(project, "tooling-runner")


def test_aws_alone_can_tell_about_a_key_that_the_caller_may_not_describe(
    project: Path,  # noqa: F811
    organization: Organization,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, named = [], key()
    write_keys(project, [named])

    class Refusing:
        def describe_key(self, KeyId: str) -> None:  # noqa: N803 (AWS's name)
            asked.append(KeyId)
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "DescribeKey")

    clients = account_access.Account.client
    monkeypatch.setattr(
        account_access.Account,
        "client",
        lambda self, service: Refusing() if service == "kms" else clients(self, service),
    )
    refuse_unusable_keys(open_project(project), ["governance"])
    assert asked == [named]
