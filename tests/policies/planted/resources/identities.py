"""Compliant resources: roles, policies and people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
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

    def wide_policy(self, opts: pulumi.ResourceOptions | None = None, **changes: Any) -> aws.iam.Policy:
        """Creates a policy with the permissions of a permissions boundary."""
        allowed = {"Effect": "Allow", "Action": ["iam:AttachRolePolicy", "s3:*", "kms:*"], "Resource": "*"}
        return aws.iam.Policy(self._name, policy=document(allowed), **changes, opts=opts or self._opts())

    def wide_policy_in_a_component(self) -> None:
        """Creates a wide policy in a component with the type of a permissions boundary."""
        component = pulumi.ComponentResource("plinth:identity:PermissionsBoundary", self._name)
        self.wide_policy(pulumi.ResourceOptions.merge(self._opts(), pulumi.ResourceOptions(parent=component)))

    def attached_boundary(self) -> None:
        boundary = self.wide_policy(name=f"{self._name}-boundary", path="/plinth/")
        role = self.role(permissions_boundary=boundary.arn)
        aws.iam.RolePolicyAttachment(self._name, role=role.name, policy_arn=boundary.arn, opts=self._opts())

    def attachment(self, policy_arn: str) -> None:
        aws.iam.RolePolicyAttachment(self._name, role=self._name, policy_arn=policy_arn, opts=self._opts())

    def account_alias(self) -> None:
        """Creates a resource of AWS whose type no rule knows."""
        aws.iam.AccountAlias(self._name, account_alias="planted", opts=self._opts())

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
