"""Roles and administrators of Lake Formation and the network perimeter, for the stacks of the lake and of datasets."""

from __future__ import annotations

import pulumi

from components.data_lake.network_perimeter import NetworkPerimeter
from components.identity.iam.arns import arn_of
from components.identity.iam.role_names import PLATFORM_REVIEWER
from components.identity.workloads.bounded_role import ROLE_PATH
from components.organization.guardrails.exceptions import FOUNDATION
from settings.derived.accounts import Account
from settings.derived.foundation import Foundation
from settings.types.aws.account_access import ACCESS_ROLE, REVIEWER
from settings.types.kinds import kinds_in
from settings.types.naming import named

READER_ROLE = named("role", "data-lake", "reader")
"""Role with which Lake Formation reads the zones. The stack ``data-catalog`` creates it, and the zones admit it."""
CATALOG_ROLE = named("role", "data-lake", "catalogue")
"""Role with which Glue uses the lake's key. The stack ``data-catalog`` creates it, and the key admits it."""


def role_arn(account_id: pulumi.Input[str], name: str) -> pulumi.Output[str]:
    """Returns the ARN of a foundation role in an account."""
    return arn_of("iam", "", account_id, f"role{ROLE_PATH}{name}")


def administrators(foundation: Foundation, account: Account, account_id: pulumi.Input[str]) -> list[pulumi.Input[str]]:
    """Returns the Lake Formation administrators of an account: the deploying role, which exists before the first stack.

    Any credentials may deploy into the management account, so its administrators come from the settings.
    """
    roles: list[pulumi.Input[str]] = []
    if account.kind != "organization":
        roles.append(arn_of("iam", "", account_id, f"role/{ACCESS_ROLE}"))
    if account == foundation.account_of("data-lake"):
        roles += foundation.organization.lake.administrators
    return roles


def grant_readers(foundation: Foundation, account: Account, account_id: pulumi.Input[str]) -> list[pulumi.Input[str]]:
    """Returns the roles that see all grants of an account: that of reviews, which the account's first stack creates.

    Not in the management account, whose role is created by a stack that the lake does not wait for.
    """
    if account.kind == "organization" or "governance" not in kinds_in(foundation.organization.phase):
        return []
    return [role_arn(account_id, REVIEWER)]


def network_perimeter(
    foundation: Foundation, organization_id: pulumi.Input[str], *readers: pulumi.Input[str]
) -> NetworkPerimeter:
    """Returns the network perimeter of the lake.

    Exempts the roles that deploy and review, which call from outside, and the ``readers`` that AWS services assume. The
    role that deploys into the management account has no fixed name, so administrators in the settings are exempt too.
    """
    return NetworkPerimeter(
        organization_id=organization_id,
        corporate_networks=[str(network) for network in foundation.organization.corporate_networks],
        excepted_roles=[*FOUNDATION, PLATFORM_REVIEWER, *foundation.organization.lake.administrators, *readers],
    )
