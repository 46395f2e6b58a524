"""Who administers Lake Formation in an account: the roles by which stacks are deployed there."""

from __future__ import annotations

import pulumi

from components.identity.bounded_role import ROLE_PATH
from components.identity.ways_in import ACCESS_ROLE
from settings.accounts import Account
from settings.foundation import Foundation


def role_arn(account_id: pulumi.Input[str], name: str) -> pulumi.Output[str]:
    """A role of the foundation in an account, by its name."""
    return pulumi.Output.concat("arn:aws:iam::", account_id, f":role{ROLE_PATH}{name}")


def administrators(foundation: Foundation, account: Account, account_id: pulumi.Input[str]) -> list[pulumi.Input[str]]:
    """Roles that exist before the account's first stack. Who deploys into the management account only the settings
    can say."""
    roles: list[pulumi.Input[str]] = []
    if account.kind != "organization":
        roles.append(pulumi.Output.concat("arn:aws:iam::", account_id, f":role/{ACCESS_ROLE}"))
    if account == foundation.account_of("data-lake"):
        roles += foundation.organization.lake.administrators
    return roles
