"""Creates AWS providers. No other module decides which account a stack's resources land in, and with which role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import pulumi
import pulumi_aws as aws

from components.identity.iam.role_names import ACCESS_ROLE
from components.identity.workloads.bounded_role import ROLE_PATH
from settings.derived.accounts import Account
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.types.naming import REVIEWER, named
from settings.types.regions import provider_name
from settings.types.values import Region

READ_ONLY_VARIABLE = "PLINTH_READ_ONLY"
"""Environment variable of read-only commands: providers enter accounts with the roles for reviews."""
_READ_ONLY: ContextVar[bool] = ContextVar("read_only", default=False)


@contextmanager
def entering_to_read(*, only: bool) -> Iterator[None]:
    """Makes the providers of this context enter accounts with the roles for reviews if ``only`` is set.

    These roles allow a preview and no update.
    """
    token = _READ_ONLY.set(only)
    try:
        yield
    finally:
        _READ_ONLY.reset(token)


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
    return _provider(foundation, stack, account.label, account_id, region, ACCESS_ROLE)


def _provider(
    foundation: Foundation,
    stack: StackIdentity,
    name: str,
    account_id: pulumi.Input[str],
    region: Region | None,
    role: str | None = None,
) -> aws.Provider:
    """``role`` is the path and name of the role that the provider assumes to deploy. Without one, it uses the
    credentials of the engine."""
    entered = f"{ROLE_PATH.removeprefix('/')}{REVIEWER}" if _READ_ONLY.get() else role
    return aws.Provider(
        provider_name(name, region),
        region=region or foundation.organization.home_region,
        # With the wrong credentials the stack fails here instead of building in another account (OR-06).
        allowed_account_ids=[account_id],
        assume_roles=[_assumed(stack, account_id, entered)] if entered is not None else None,
        default_tags=aws.ProviderDefaultTagsArgs(tags=foundation.tags_of(stack)),
    )


def _assumed(stack: StackIdentity, account_id: pulumi.Input[str], role: str) -> aws.ProviderAssumeRoleArgs:
    return aws.ProviderAssumeRoleArgs(
        role_arn=pulumi.Output.concat("arn:aws:iam::", account_id, f":role/{role}"),
        session_name=named("role session", "plinth", stack.name),
    )
