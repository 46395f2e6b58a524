"""The lake's databases as an account that reads them sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from settings.derived.sharing import link_name


@dataclass(frozen=True, kw_only=True, slots=True)
class LakeLinksArgs:
    """Arguments of :class:`LakeLinks`."""

    lake_account_id: pulumi.Input[str]
    """Account whose catalogue the databases are in."""

    databases: Mapping[str, pulumi.Input[str]]
    """Names of the databases, by what each is called here."""

    readers: Mapping[str, pulumi.Input[str]]
    """ARNs, by a name of each, of the account's roles that read."""

    prefix: str = ""
    """Before the names of the links, in an account that teams share."""


class LakeLinks(pulumi.ComponentResource):
    """A link to each database of the lake, which Athena needs to find what another account shares.

    A link is to a database, so that a dataset more changes nothing here; who follows it sees the tables granted to it
    and no others.

    Creates: a link for each database; for each role a grant to see it.

    Args: see :class:`LakeLinksArgs`.

    Outputs: ``names``.

    Raises: nothing of its own.

    Cost: none.

    Example::

        LakeLinks("links", LakeLinksArgs(
            lake_account_id="111111111111", databases={"historical": "historical"}, readers={"execution": arn},
        ), pulumi.ResourceOptions(provider=development))
    """

    names: Mapping[str, pulumi.Output[str]]
    """Name of each link, as SQL takes it: ``lake_historical``."""

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
            name=f"{self._args.prefix}{link_name(database)}",
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
