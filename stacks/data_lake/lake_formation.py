"""Who administers the lake, and from where it is reached: what its stack and those of datasets say alike."""

from __future__ import annotations

import pulumi

from components.data_lake.network_perimeter import NetworkPerimeter
from components.identity.iam.role_names import ACCESS_ROLE
from components.identity.workloads.bounded_role import ROLE_PATH
from components.organization.guardrails.exceptions import FOUNDATION
from settings.derived.accounts import Account
from settings.derived.foundation import Foundation


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


def network_wall(
    foundation: Foundation, organization_id: pulumi.Input[str], *readers: pulumi.Input[str]
) -> NetworkPerimeter:
    """Who deploys comes from outside. In the management account that is no role of a name that is known here, so the
    administrators that the settings name are let through, and so are ``readers``, in whose name a service reads."""
    return NetworkPerimeter(
        organization_id=organization_id,
        corporate_networks=[str(network) for network in foundation.organization.corporate_networks],
        excepted_roles=[*FOUNDATION, *foundation.organization.lake.administrators, *readers],
    )
