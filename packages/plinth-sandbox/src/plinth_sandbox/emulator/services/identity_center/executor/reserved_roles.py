"""The role of a permission set in an account, which IAM Identity Center creates and keeps as the set is.

At AWS, an assignment provisions it, and ``ProvisionPermissionSet`` a change. Here, a session does both.

Source: IAM Identity Center User Guide, "Referencing permission sets in resource policies, Amazon EKS Cluster config
maps, and AWS KMS key policies" (read 2026-11-29).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from moto.iam.models import iam_backends
from moto.ssoadmin.models import PermissionSet

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.services.iam.patches.iam import load_managed_policy

_HOME_OF_IAM = "us-east-1"
_INLINE = "AwsSSOInlinePolicy"
_MANAGED = "arn:aws:iam::aws:policy/"


def provision(permission_set: PermissionSet, account: str, region: str, memory: Memory) -> Any:
    """Returns the role with the policies and the boundary of the permission set.

    Raises: AwsError if the account lacks a customer managed policy that the set names.
    """
    backend = iam_backends[account]["aws"]
    name = _name(permission_set, account)
    role = next((candidate for candidate in backend.roles.values() if candidate.name == name), None)
    if role is None:
        role = backend.create_role(
            role_name=name,
            assume_role_policy_document=json.dumps(_trust(permission_set, account)),
            path=_path(region),
            permissions_boundary=None,
            description=permission_set.description or "",
            tags=[],
            max_session_duration="43200",
        )
    wanted = [managed_policy.arn for managed_policy in permission_set.managed_policies]
    wanted += [
        _own(account, managed_policy.path, managed_policy.name)
        for managed_policy in permission_set.customer_managed_policies
    ]
    role.managed_policies = {arn: _policy(account, arn) for arn in wanted}
    role.policies = {_INLINE: permission_set.inline_policy} if permission_set.inline_policy else {}
    boundary = _boundary(memory.notes("sso-admin", "boundaries").get(permission_set.permission_set_arn), account)
    if boundary:
        _policy(account, boundary)
    role.permissions_boundary_arn = boundary
    return role


def _name(permission_set: PermissionSet, account: str) -> str:
    """Returns the name of the role, whose end tells a set of this name from one that replaces it."""
    suffix = hashlib.sha256(f"{permission_set.permission_set_arn} {account}".encode()).hexdigest()[:16]
    return f"AWSReservedSSO_{permission_set.name}_{suffix}"


def _path(region: str) -> str:
    """Returns the path, which contains the region of the instance except for us-east-1."""
    return f"/aws-reserved/sso.amazonaws.com/{'' if region == _HOME_OF_IAM else f'{region}/'}"


def _trust(permission_set: PermissionSet, account: str) -> dict[str, Any]:
    instance = permission_set.instance_arn.rpartition("-")[2]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": f"arn:aws:iam::{account}:saml-provider/AWSSSO_{instance}_DO_NOT_DELETE"},
                "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
                "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
            }
        ],
    }


def _boundary(given: dict[str, Any] | None, account: str) -> str | None:
    if given is None:
        return None
    own = given.get("CustomerManagedPolicyReference")
    return _own(account, own.get("Path", "/"), own["Name"]) if own else str(given["ManagedPolicyArn"])


def _own(account: str, path: str, name: str) -> str:
    return f"arn:aws:iam::{account}:policy{path}{name}"


def _policy(account: str, arn: str) -> Any:
    """Returns a managed policy of the account, or of AWS. Raises: AwsError if there is none."""
    if arn.startswith(_MANAGED):
        load_managed_policy(account, arn.rpartition("/")[2])
    found = iam_backends[account]["aws"].managed_policies.get(arn)
    if found is None:
        raise AwsError("ResourceNotFoundException", f"Account {account} has no policy {arn}, which the set names.")
    return found
