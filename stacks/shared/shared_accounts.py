"""Ids of the durable accounts, from the outputs of the stack ``organization``."""

from __future__ import annotations

import pulumi

from settings.derived.foundation import Foundation
from settings.types.kinds import durable_kinds_in
from stacks.shared.outputs import OrganizationOutputs


def account_ids(foundation: Foundation, organization: OrganizationOutputs) -> dict[str, pulumi.Output[str]]:
    """Returns the ids of the accounts that all teams share, by account label.

    An account that several kinds share is looked up by the first of them. The id of an existing account therefore
    stays known in a preview that adds kinds to it.
    """
    kinds = durable_kinds_in(foundation.organization.phase)
    ids = {foundation.account_of(kind).label: organization.accounts[kind] for kind in reversed(kinds)}
    return dict(reversed(ids.items()))


def durable_accounts(foundation: Foundation, organization: OrganizationOutputs) -> list[pulumi.Output[str]]:
    """Returns the ids of all durable accounts but the management account, which holds nothing that workloads need."""
    ids = account_ids(foundation, organization)
    return [account_id for label, account_id in ids.items() if label != "organization"]
