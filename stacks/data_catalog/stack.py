"""The data catalog of the lake: Lake Formation settings, encryption and policy, registered zones and databases.

It is separate from the stack ``data-lake``, so that both stay far below the size limit of a stack.
"""

from __future__ import annotations

import pulumi

from components.data_lake.lake_formation_settings import LakeFormationSettings, LakeFormationSettingsArgs
from components.data_lake.protected_catalogue import ProtectedCatalogue, ProtectedCatalogueArgs
from components.data_lake.published_zones import PUBLISHED, PublishedZones, PublishedZonesArgs
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from stacks.data_lake.lake_formation import CATALOG_ROLE, READER_ROLE, administrators, grant_readers
from stacks.shared.exports import export
from stacks.shared.outputs import DataCatalogOutputs, DataLakeOutputs, OrganizationOutputs
from stacks.shared.providers.accounts import account_provider
from stacks.shared.references import read


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the data catalog in the lake's account. It names no team and no dataset."""
    organization = read(OrganizationOutputs, StackIdentity("organization"))
    lake = read(DataLakeOutputs, StackIdentity("data-lake"))
    account, account_id = foundation.account_of_stack(stack), organization.accounts["data-lake"]
    opts = pulumi.ResourceOptions(provider=account_provider(foundation, stack, account, account_id))

    settings = LakeFormationSettings(
        "lake-formation",
        LakeFormationSettingsArgs(
            administrators=administrators(foundation, account, account_id),
            readers=grant_readers(foundation, account, account_id),
        ),
        opts,
    )
    ProtectedCatalogue(
        "catalogue",
        ProtectedCatalogueArgs(
            role_name=CATALOG_ROLE,
            account_id=account_id,
            organization_id=organization.organization_id,
            region=foundation.organization.home_region,
            key_arn=lake.key_arn,
            boundary_arn=lake.permissions_boundary_arn,
        ),
        opts,
    )
    args = PublishedZonesArgs(
        role_name=READER_ROLE,
        account_id=account_id,
        zone_arns={zone: pulumi.Output.concat("arn:aws:s3:::", lake.zone_buckets[zone]) for zone in PUBLISHED},
        key_arn=lake.key_arn,
        boundary_arn=lake.permissions_boundary_arn,
    )
    after = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[settings]))
    published = PublishedZones("published", args, after)
    export(DataCatalogOutputs, databases=published.databases, features_database=published.features_database)
