"""Roles of a team's use case that no stack of the example creates, from their components in the team's accounts.

No stack uses the component that monitors yet, and no use case of the example predicts in batches. These roles decide
some of the requirements. They use the accounts, permissions boundaries and keys that the stacks provision.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from components.identity.use_cases.batch_role import BatchRole
from components.identity.use_cases.batch_start_role import BatchStartRole
from components.identity.use_cases.use_case import UseCase
from settings.types.kinds import RELEASED_TO
from tests.support.computed import REGION
from tests.support.recorder import Recorder, deploy


def deploy_use_case(deployment: Mapping[str, Recorder], team: str, name: str) -> Recorder:
    """Returns the roles of a use case that its stack does not create, under mocks."""
    return deploy(lambda: _roles(deployment, UseCase(team=team, name=name, region=REGION)), stack=f"{team}--{name}")


def _roles(deployment: Mapping[str, Recorder], case: UseCase) -> None:
    tooling = deployment["tooling"].exports
    for environment in RELEASED_TO:
        place = deployment[f"{case.team}-{environment}"].exports
        opts = _in_account_of(environment, place, case.team)
        common: dict[str, Any] = {
            "use_case": case,
            "environment": environment,
            "account_id": place["account_id"],
            "bucket_arn": place["bucket_arn"],
            "key_arn": place["key_arn"],
            "boundary_arn": place["permissions_boundary_arn"],
        }
        registry = {
            "organization_id": deployment["organization"].exports["organization_id"],
            "registry_bucket_arn": f"arn:aws:s3:::{tooling['artifact_bucket']}",
            "registry_key_arn": tooling["key_arn"],
        }
        BatchRole(**common, **registry).create(f"batch-{environment}", opts)
        BatchStartRole(**common).create(f"start-{environment}", opts)


def _in_account_of(name: str, place: Mapping[str, str], team: str) -> pulumi.ResourceOptions:
    tags = aws.ProviderDefaultTagsArgs(tags={"plinth:team": team})
    provider = aws.Provider(name, region=REGION, allowed_account_ids=[place["account_id"]], default_tags=tags)
    return pulumi.ResourceOptions(provider=provider)
