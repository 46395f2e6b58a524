"""Creates AWS providers. No other module decides which account a stack's resources land in, and with which role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import pulumi
import pulumi_aws as aws

from components.identity.iam.arns import arn_of
from settings.derived.accounts import Account
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.types.aws.account_access import AccountAccess, session_name
from settings.types.regions import provider_name
from settings.types.values import Region

_DEFAULT = AccountAccess()
_ACCESS: ContextVar[AccountAccess] = ContextVar("access", default=_DEFAULT)


@contextmanager
def entering(access: AccountAccess) -> Iterator[None]:
    """Makes the providers of this context enter accounts with this access."""
    token = _ACCESS.set(access)
    try:
        yield
    finally:
        _ACCESS.reset(token)


class NoDeployerRoleError(pulumi.RunError):
    """The management account has no deployer role."""


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
    """Creates a provider for the management account, with the credentials that the engine runs with, or with the role
    for reviews."""
    return _provider(foundation, stack, "organization", management_account_id(foundation), None)


def account_provider(
    foundation: Foundation,
    stack: StackIdentity,
    account: Account,
    account_id: pulumi.Input[str],
    *,
    region: Region | None = None,
) -> aws.Provider:
    """Creates a provider for one account, which assumes the role that AWS Organizations created there, or the role for
    reviews.

    Args:
        region: Another allowed region than the home region.
    """
    if account.kind == "organization":
        return _provider(foundation, stack, account.label, management_account_id(foundation), region)
    return _provider(foundation, stack, account.label, account_id, region, is_member=True)


def _provider(
    foundation: Foundation,
    stack: StackIdentity,
    name: str,
    account_id: pulumi.Input[str],
    region: Region | None,
    *,
    is_member: bool = False,
) -> aws.Provider:
    return aws.Provider(
        provider_name(name, region),
        region=region or foundation.organization.home_region,
        # With the wrong credentials the stack fails here instead of building in another account (OR-06).
        allowed_account_ids=[account_id],
        assume_roles=_assumed(stack, account_id, is_member=is_member),
        default_tags=aws.ProviderDefaultTagsArgs(tags=foundation.tags_of(stack)),
    )


def _assumed(
    stack: StackIdentity, account_id: pulumi.Input[str], *, is_member: bool
) -> list[aws.ProviderAssumeRoleArgs] | None:
    """Returns the role of the provider. In the management account it uses the engine's own credentials to deploy."""
    access = _ACCESS.get()
    if not is_member and not access.reads_only:
        if access.person is not None:
            raise NoDeployerRoleError(
                f"the stack {stack.name} deploys into the management account, which has no deployer role: run it "
                "without --remote"
            )
        return None
    assumed = aws.ProviderAssumeRoleArgs(
        role_arn=arn_of("iam", "", account_id, f"role/{access.role}"),
        session_name=session_name(stack.name),
        source_identity=access.person,
    )
    return [assumed]
