"""The accounts that use a use case's models and images. All sharing is generated from this one list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.identity.iam.arns import account_principal
from settings.types.kinds import Environment


@dataclass(frozen=True, kw_only=True, slots=True)
class Consumers:
    """The environments that read models and images of a use case, and the role that registers models."""

    organization_id: pulumi.Input[str]
    """Id of the AWS Organization to which all consumers belong (``o-…``)."""

    accounts: Mapping[Environment, pulumi.Input[str]]
    """Account id of each environment that reads, without environments that share an account with another one."""

    pipeline_role_arn: pulumi.Input[str]
    """ARN of the role of the use case's pipelines in development, the only one that registers models."""

    development_account_id: pulumi.Input[str]
    """Id of the account of that role."""

    @property
    def reader_arns(self) -> list[pulumi.Output[str]]:
        """Root ARNs of the reading accounts."""
        return [account_principal(account_id) for account_id in self.accounts.values()]
