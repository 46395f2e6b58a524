"""Compliant resources: roles, policies and people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi_aws as aws

from tests.policies.planted.resources.base import (
    ACCOUNT,
    INSTANCE,
    Planter,
    document,
)


class Identities(Planter):
    def role(self, trust: Mapping[str, Any] | None = None, **changes: Any) -> aws.iam.Role:
        by_sagemaker = {
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        }
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", **(trust or by_sagemaker)}
        properties = {
            "name": self._name,
            "path": "/plinth/",
            "assume_role_policy": document(statement),
            "permissions_boundary": f"arn:aws:iam::{ACCOUNT}:policy/plinth/boundary",
        }
        return aws.iam.Role(self._name, **properties | changes, opts=self._opts())

    def policy(self, action: str, resource: str | Sequence[str] | None = None, not_resource: str | None = None) -> None:
        where = {"Resource": resource} if resource else {"NotResource": not_resource}
        statement = document({"Effect": "Allow", "Action": action, **where})
        aws.iam.Policy(self._name, policy=statement, opts=self._opts())

    def attachment(self, policy_arn: str) -> None:
        aws.iam.RolePolicyAttachment(self._name, role=self._name, policy_arn=policy_arn, opts=self._opts())

    def user(self) -> None:
        aws.iam.User(self._name, opts=self._opts())

    def permission_set(self, name: str, action: str) -> None:
        permissions = aws.ssoadmin.PermissionSet(
            self._name, name=name, instance_arn=INSTANCE, session_duration="PT4H", opts=self._opts()
        )
        allowed = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::planted/*"}
        aws.ssoadmin.PermissionSetInlinePolicy(
            self._name,
            instance_arn=INSTANCE,
            permission_set_arn=permissions.arn,
            inline_policy=document(allowed),
            opts=self._opts(),
        )
