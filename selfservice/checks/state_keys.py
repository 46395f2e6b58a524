"""Refuses keys of states that cannot encrypt states, before any role gets permissions for them.

With a key that is disabled, or that is no symmetric encryption key, KMS refuses to decrypt secrets, and S3 refuses
objects (KMS Developer Guide, "Key states of AWS KMS keys"; S3 User Guide, "Using server-side encryption with AWS KMS
keys", read on 2026-11-25).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from selfservice.checks.adopted_accounts import reader_of
from selfservice.engine.account_access import Account
from selfservice.errors import BadInputError
from selfservice.projects.project import Project
from settings.derived.foundation import Foundation

_REMEDIES = {
    "Disabled": "enable it with `aws kms enable-key --region {region} --key-id {key}`, or name another key",
    "PendingDeletion": "cancel its deletion with `aws kms cancel-key-deletion --region {region} --key-id {key}` and "
    "enable it, or name another key",
}
_ANOTHER = "name a key in the state Enabled"
_SYMMETRIC = "SYMMETRIC_DEFAULT"


def refuse_unusable_keys(project: Project, stacks: Sequence[str]) -> None:
    """Raises BadInputError with every key of states that does not exist, is not enabled, is not a symmetric encryption
    key, or belongs to an account outside the organization.

    Asks AWS only if one of the stacks uses the keys. AWS alone can tell about a key that the caller may not describe.
    """
    from settings.files.validation_cache import load_cached

    named = dict(_named(load_cached(project.directory), stacks))
    reader = reader_of(project) if named else None
    if reader is None:
        return
    why = {arn: _why_unusable(arn, reader) for arn in dict.fromkeys(named.values())}
    faults = [f"Pulumi.yaml: plinth:organization.{place}: {arn} {why[arn]}" for place, arn in named.items() if why[arn]]
    if faults:
        listed = "\n  ".join(faults)
        raise BadInputError(
            f"nothing was touched, because states need enabled symmetric keys of the organization:\n  {listed}"
        )


def _named(foundation: Foundation, stacks: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yields the keys that these stacks use, with their place in the settings of the organization."""
    organization = foundation.organization
    used: dict[str, Sequence[str]] = {}
    if "governance" in stacks:
        used["reviews.state_keys"] = organization.reviews.state_keys
    cluster = organization.tooling_cluster
    if "tooling-runner" in stacks and cluster is not None and cluster.runner is not None:
        used["tooling_cluster.runner.state_keys"] = cluster.runner.state_keys
    for field, arns in used.items():
        yield from ((f"{field}[{index}]", arn) for index, arn in enumerate(arns))


def _why_unusable(arn: str, reader: Account) -> str:
    """Returns why a key cannot encrypt states, with the remedy; empty if it can, or if the caller may not see it."""
    from botocore.exceptions import ClientError  # imported late like boto3

    _, _, _, region, account, _ = arn.split(":")
    try:
        if account != reader.id:
            reader.client("organizations").describe_account(AccountId=account)
        key = Account(reader.id, region, reader.role_arn).client("kms").describe_key(KeyId=arn)["KeyMetadata"]
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "AccountNotFoundException":
            return f"belongs to account {account}, which is not in the organization; name a key of one of its accounts"
        if code == "NotFoundException":
            return f"does not exist in account {account}, region {region}; {_ANOTHER}"
        if code.startswith("AccessDenied"):
            return ""
        raise
    return _fault(arn, region, key)


def _fault(arn: str, region: str, key: Mapping[str, Any]) -> str:
    if key["KeySpec"] != _SYMMETRIC:
        found = f"is a key of type {key['KeySpec']} for {key['KeyUsage']}"
        return f"{found}; name a key of type {_SYMMETRIC} for ENCRYPT_DECRYPT"
    state = key["KeyState"]
    if state == "Enabled":
        return ""
    return f"is in the state {state}; {_REMEDIES.get(state, _ANOTHER).format(region=region, key=arn)}"
