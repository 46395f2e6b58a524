"""Resource links to the lake's databases in the account of their readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from settings.derived.sharing import resource_link_name


@dataclass(frozen=True, kw_only=True, slots=True)
class LakeLinksArgs:
    """Arguments of :class:`LakeLinks`."""

    lake_account_id: pulumi.Input[str]
    """Id of the account whose Glue Data Catalog contains the databases."""

    databases: Mapping[str, pulumi.Input[str]]
    """Names of the databases in the lake, by the name that the link is derived from."""

    readers: Mapping[str, pulumi.Input[str]]
    """ARNs of the account's roles that read, by a name of each."""

    prefix: str = ""
    """Prefix of the links' names, for an account that several teams share."""


class LakeLinks(pulumi.ComponentResource):
    """A resource link to each database of the lake, which Athena needs to find databases shared by another account.

    Links point to databases, so a new dataset changes nothing here. Through a link, a role sees only the tables that
    are granted to it.

    Creates: one link per database; for each role, a grant to describe it.

    Outputs: ``names``.

    Cost: none.

    Example::

        LakeLinks("links", LakeLinksArgs(
            lake_account_id="111111111111", databases={"historical": "historical"}, readers={"execution": arn},
        ), pulumi.ResourceOptions(provider=development))
    """

    names: Mapping[str, pulumi.Output[str]]
    """Names of the links as used in SQL: ``lake_historical``."""

    def __init__(self, name: str, args: LakeLinksArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:LakeLinks", name, None, opts)
        self._name, self._args = name, args
        self.names = {database: self._link(database) for database in args.databases}
        self.register_outputs({"names": self.names})

    def _link(self, database: str) -> pulumi.Output[str]:
        target = aws.glue.CatalogDatabaseTargetDatabaseArgs(
            catalog_id=self._args.lake_account_id, database_name=self._args.databases[database]
        )
        link = aws.glue.CatalogDatabase(
            f"{self._name}-{database}",
            name=f"{self._args.prefix}{resource_link_name(database)}",
            target_database=target,
            opts=pulumi.ResourceOptions(parent=self),
        )
        for reader, arn in self._args.readers.items():
            aws.lakeformation.Permissions(
                f"{self._name}-{database}-{reader}",
                principal=arn,
                permissions=["DESCRIBE"],
                database=aws.lakeformation.PermissionsDatabaseArgs(name=link.name),
                opts=pulumi.ResourceOptions(parent=self),
            )
        return link.name
