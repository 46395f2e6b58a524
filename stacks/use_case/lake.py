"""Access of a use case's pipelines to the data that is shared with the team's development environment."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.data_lake.link_grants import LinkGrants, LinkGrantsArgs
from components.data_lake.reader_grants import ReaderGrants, ReaderGrantsArgs
from settings.data.feature_group import FOLDER
from settings.data.lake import PARTS
from settings.derived.accounts import Account
from settings.derived.foundation import Foundation
from settings.derived.sharing import READING_ENVIRONMENTS, resource_link_name, resource_link_prefix
from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import Environment, working_kinds_in
from stacks.shared.outputs import OrganizationOutputs
from stacks.shared.providers.accounts import account_provider

_TRAINS: Environment = "development"
"""Environment of pipelines. Batch inference elsewhere reads inputs that intakes have copied for it."""


def grant_lake(
    stack: StackIdentity,
    foundation: Foundation,
    organization: OrganizationOutputs,
    role_arn: pulumi.Input[str],
    options: Mapping[Account, pulumi.ResourceOptions],
) -> pulumi.ResourceOptions | None:
    """Grants the pipelines' role what the other roles of the development environment read (DL-08). Returns the options
    of resources in the account of the lake; None without a lake.

    The stack of the team's data creates the LF-tag and the links, and runs before. It cannot grant to this role, which
    does not exist then. ``options`` are those of the accounts for which the stack has a provider; a placement may put
    the lake into one of them.
    """
    if "data-lake" not in working_kinds_in(foundation.organization.phase):
        return None
    team = stack.team or ""
    lake, account = foundation.account_of("data-lake"), foundation.account_of(_TRAINS, team)
    if (in_lake := options.get(lake)) is None:
        provider = account_provider(foundation, stack, lake, organization.accounts["data-lake"])
        in_lake = pulumi.ResourceOptions(provider=provider)
    if account != lake:
        names = [*(part for part in PARTS if _TRAINS in READING_ENVIRONMENTS[part]), FOLDER]
        prefix = resource_link_prefix(team, account)
        links = [f"{prefix}{resource_link_name(name)}" for name in names]
        LinkGrants("lake-links", LinkGrantsArgs(links=links, role_arn=role_arn), options[account])
    ReaderGrants("lake", ReaderGrantsArgs(team=team, environment=_TRAINS, role_arn=role_arn), in_lake)
    return in_lake
