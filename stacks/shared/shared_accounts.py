"""The durable accounts as other stacks see them: numbers that the organization's stack promised."""

from __future__ import annotations

import pulumi

from settings.derived.foundation import Foundation
from settings.derived.outputs import OrganizationOutputs
from settings.types.kinds import DurableKind, durable_kinds_in


def account_of_kind(organization: pulumi.Output[OrganizationOutputs], kind: DurableKind) -> pulumi.Output[str]:
    """The account that a durable kind lands in, which may be another kind's."""
    return organization.apply(lambda outputs: outputs.accounts[kind])


def account_ids(
    foundation: Foundation, organization: pulumi.Output[OrganizationOutputs]
) -> dict[str, pulumi.Output[str]]:
    """The accounts that all teams share, by label.

    Each is asked for by the first of the kinds that share it, the one that was there first: the number of an account
    that exists is known although kinds are added to it.
    """
    kinds = durable_kinds_in(foundation.organization.phase)
    ids = {foundation.account_of(kind).label: account_of_kind(organization, kind) for kind in reversed(kinds)}
    return dict(reversed(ids.items()))


def durable_accounts(
    foundation: Foundation, organization: pulumi.Output[OrganizationOutputs]
) -> list[pulumi.Output[str]]:
    """The accounts of the lake, of tooling and so on; the management account holds nothing that work needs."""
    ids = account_ids(foundation, organization)
    return [account_id for label, account_id in ids.items() if label != "organization"]
