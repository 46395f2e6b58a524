"""The data lake: its zones, its catalogue, and who reads what of it by which tag."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.data_lake.lake_formation_settings import LakeFormationSettings, LakeFormationSettingsArgs
from components.data_lake.lake_zones import LakeZones, LakeZonesArgs
from components.data_lake.network_wall import NetworkWall
from components.data_lake.protected_catalogue import ProtectedCatalogue, ProtectedCatalogueArgs
from components.data_lake.published_zones import PublishedZones, PublishedZonesArgs
from components.organization.guardrails.exceptions import FOUNDATION
from settings.foundation import Foundation
from settings.lake import ZONES, Part
from settings.naming import bucket_name, named
from settings.outputs import DataLakeOutputs
from settings.stacks import StackIdentity
from stacks.durable_account import DurableAccount, build_account
from stacks.exports import export
from stacks.lake_formation import administrators, role_arn

READER = named("role", "data-lake", "reader")
CATALOGUE = named("role", "data-lake", "catalogue")


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Everything lands in the lake's account. No team and no dataset is named here: each has a stack of its own."""
    account = build_account(stack, foundation, key_roles=[CATALOGUE])
    zones = _zones(account, foundation)
    databases = _published(account, foundation, zones)
    export(
        DataLakeOutputs,
        **account.outputs,
        zone_buckets=zones.bucket_names,
        databases=databases,
    )


def _zones(account: DurableAccount, foundation: Foundation) -> LakeZones:
    place, organization = account.place, foundation.organization

    def name(purpose: str) -> pulumi.Output[str]:
        return place.account_id.apply(
            lambda account_id: bucket_name(organization.name, purpose, account_id=account_id, region=place.region)
        )

    args = LakeZonesArgs(
        bucket_names={zone: name(f"lake-{zone}") for zone in ZONES},
        log_bucket_name=name("data-access-logs"),
        account_id=place.account_id,
        organization_id=place.organization_id,
        key_arn=account.key.arn,
        wall=_wall(account, foundation),
        settings=organization.lake,
    )
    return LakeZones("lake", args, account.opts)


def _wall(account: DurableAccount, foundation: Foundation) -> NetworkWall:
    """Who deploys comes from outside. In the management account that is no role of a name that is known here, so the
    administrators that the settings name are let through."""
    return NetworkWall(
        organization_id=account.place.organization_id,
        corporate_networks=[str(network) for network in foundation.organization.corporate_networks],
        excepted_roles=[
            *FOUNDATION,
            *foundation.organization.lake.administrators,
            role_arn(account.place.account_id, READER),
        ],
    )


def _published(account: DurableAccount, foundation: Foundation, zones: LakeZones) -> Mapping[Part, pulumi.Output[str]]:
    place = account.place
    settings = LakeFormationSettings(
        "lake-formation",
        LakeFormationSettingsArgs(
            administrators=administrators(foundation, place.account, place.account_id),
        ),
        account.opts,
    )
    ProtectedCatalogue(
        "catalogue",
        ProtectedCatalogueArgs(
            role_name=CATALOGUE,
            account_id=place.account_id,
            organization_id=place.organization_id,
            region=place.region,
            key_arn=account.key.arn,
            boundary_arn=account.boundary.arn,
        ),
        account.opts,
    )
    args = PublishedZonesArgs(
        role_name=READER,
        account_id=place.account_id,
        zone_arns=zones.arns,
        key_arn=account.key.arn,
        boundary_arn=account.boundary.arn,
    )
    after = pulumi.ResourceOptions.merge(account.opts, pulumi.ResourceOptions(depends_on=[settings]))
    return PublishedZones("published", args, after).databases
