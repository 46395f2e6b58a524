"""Creates AWS providers. No other module decides which account a stack's resources land in."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.identity.iam.role_names import ACCESS_ROLE
from settings.derived.accounts import Account
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.types.naming import named
from settings.types.regions import provider_name
from settings.types.values import Region


class ManagementAccountUnknown(pulumi.RunError):
    """The settings do not name the management account."""


def management_account_id(foundation: Foundation) -> str:
    """Returns the id of the management account.

    Raises: ManagementAccountUnknown when the settings leave it out. Without the id, resources could land in any
    account that the credentials happen to belong to.
    """
    account_id = foundation.account_of("organization").id
    if account_id is None:
        raise ManagementAccountUnknown(
            "Pulumi.yaml: plinth:organization.accounts.organization.id is missing; add the twelve-digit id of the "
            "management account, which `aws sts get-caller-identity` shows"
        )
    return account_id


def management_provider(foundation: Foundation, stack: StackIdentity) -> aws.Provider:
    """Creates a provider for the management account, with the credentials that the engine runs with."""
    return _provider(foundation, stack, "organization", management_account_id(foundation), None)


def account_provider(
    foundation: Foundation,
    stack: StackIdentity,
    account: Account,
    account_id: pulumi.Input[str],
    *,
    region: Region | None = None,
) -> aws.Provider:
    """Creates a provider for one account, which assumes the role that AWS Organizations created there.

    Args:
        region: Another allowed region than the home region.
    """
    if account.kind == "organization":
        return _provider(foundation, stack, account.label, management_account_id(foundation), region)
    access = aws.ProviderAssumeRoleArgs(
        role_arn=pulumi.Output.concat("arn:aws:iam::", account_id, f":role/{ACCESS_ROLE}"),
        session_name=named("role session", "plinth", stack.name),
    )
    return _provider(foundation, stack, account.label, account_id, region, access)


def _provider(
    foundation: Foundation,
    stack: StackIdentity,
    name: str,
    account_id: pulumi.Input[str],
    region: Region | None,
    *roles: aws.ProviderAssumeRoleArgs,
) -> aws.Provider:
    return aws.Provider(
        provider_name(name, region),
        region=region or foundation.organization.home_region,
        # With the wrong credentials the stack fails here instead of building in another account (OR-06).
        allowed_account_ids=[account_id],
        assume_roles=list(roles) or None,
        default_tags=aws.ProviderDefaultTagsArgs(tags=foundation.tags_of(stack)),
    )
