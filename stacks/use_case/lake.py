"""Access of a use case's pipelines to the data that is shared with the team's development environment."""

from __future__ import annotations

import pulumi

from components.data_lake.link_grants import LinkGrants, LinkGrantsArgs
from components.data_lake.reader_grants import ReaderGrants, ReaderGrantsArgs
from settings.data.feature_group import FOLDER
from settings.data.lake import PARTS
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
    there: pulumi.ResourceOptions,
    in_tooling: pulumi.ResourceOptions,
) -> None:
    """Grants the pipelines' role what the other roles of the development environment read (DL-08).

    The stack of the team's data creates the LF-tag and the links, and runs before. It cannot grant to this role, which
    does not exist then. ``there`` are the options of resources in the development account, ``in_tooling`` those of
    resources in the tooling account, which may also be the account of the lake.
    """
    if "data-lake" not in working_kinds_in(foundation.organization.phase):
        return
    team = stack.team or ""
    lake, account = foundation.account_of("data-lake"), foundation.account_of(_TRAINS, team)
    in_lake = there
    if account != lake:
        in_lake = in_tooling
        if lake != foundation.account_of("tooling"):
            provider = account_provider(foundation, stack, lake, organization.accounts["data-lake"])
            in_lake = pulumi.ResourceOptions(provider=provider)
        names = [*(part for part in PARTS if _TRAINS in READING_ENVIRONMENTS[part]), FOLDER]
        prefix = resource_link_prefix(team, account)
        links = [f"{prefix}{resource_link_name(name)}" for name in names]
        LinkGrants("lake-links", LinkGrantsArgs(links=links, role_arn=role_arn), there)
    ReaderGrants("lake", ReaderGrantsArgs(team=team, environment=_TRAINS, role_arn=role_arn), in_lake)
