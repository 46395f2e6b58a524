"""The crawler that catalogs arriving data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data_lake.etl.etl_permissions import EtlScope, catalog_sources, run_in_lake
from components.identity.iam.principals import service_trust
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from settings.data.dataset import Dataset


@dataclass(frozen=True, kw_only=True, slots=True)
class LandingCrawlerArgs:
    """Arguments of :class:`LandingCrawler`."""

    dataset: Dataset
    """Dataset that is produced from the cataloged data."""

    sources: Sequence[str]
    """Folders of the landing zone, without a trailing slash."""

    scope: EtlScope
    """Sources and key of the crawler."""

    landing_bucket: pulumi.Input[str]
    """Name of the landing zone's bucket."""

    security_configuration: pulumi.Input[str]
    """Name of the Glue security configuration."""

    connection: pulumi.Input[str]
    """Name of the Glue connection to the network. A crawler has only one."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""


class LandingCrawler(pulumi.ComponentResource):
    """A crawler that catalogs the landing folders of a dataset in a database of their own (DL-01, DL-10).

    Its tables are granted to nobody. Administrators of the lake see them and publish their data as a dataset.

    Creates: the database; the role, with a grant to create tables in it; the crawler, which adds and never deletes
    tables.

    Outputs: ``crawler_name``.

    Cost: 0.44 USD per DPU-hour of its runs, at least ten minutes each.

    Example::

        crawler = LandingCrawler("crawler", LandingCrawlerArgs(
            dataset=dataset, sources=["cards"], scope=scope, landing_bucket=landing, ...,
        ))
    """

    crawler_name: pulumi.Output[str]
    """Name of the crawler, for triggers; known once its role has its grants."""

    def __init__(self, name: str, args: LandingCrawlerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:LandingCrawler", name, None, opts)
        self._name, self._args = name, args
        database = aws.glue.CatalogDatabase(
            f"{name}-database",
            name=args.dataset.landing_database,
            description=f"What landed for the dataset {args.dataset.name}",
            opts=pulumi.ResourceOptions(parent=self),
        )
        role = self._role()
        granted = aws.lakeformation.Permissions(
            f"{name}-tables",
            principal=role.arn,
            permissions=["ALTER", "CREATE_TABLE", "DESCRIBE"],
            database=aws.lakeformation.PermissionsDatabaseArgs(name=database.name),
            opts=pulumi.ResourceOptions(parent=self),
        )
        crawler = self._crawler(role, database)
        self.crawler_name = pulumi.Output.all(crawler.name, granted.id).apply(lambda known: str(known[0]))
        self.register_outputs({"crawler_name": self.crawler_name})

    def _role(self) -> BoundedRole:
        dataset, scope = self._args.dataset, self._args.scope
        args = BoundedRoleArgs(
            role_name=f"data-lake-crawler-{dataset.name}",
            description=f"Catalogues what landed for the dataset {dataset.name}",
            trust=service_trust("glue", account_id=scope.account_id),
            permissions=[*run_in_lake(scope), *catalog_sources(scope, dataset.landing_database)],
            boundary_arn=self._args.boundary_arn,
        )
        return BoundedRole(f"{self._name}-role", args, pulumi.ResourceOptions(parent=self))

    def _crawler(self, role: BoundedRole, database: aws.glue.CatalogDatabase) -> aws.glue.Crawler:
        targets = [
            aws.glue.CrawlerS3TargetArgs(
                path=pulumi.Output.concat("s3://", self._args.landing_bucket, f"/{source}/"),
                connection_name=self._args.connection,
            )
            for source in self._args.sources
        ]
        return aws.glue.Crawler(
            f"{self._name}-crawler",
            name=f"lake-{self._args.dataset.name}",
            description=f"What landed for the dataset {self._args.dataset.name}",
            role=role.arn,
            database_name=database.name,
            s3_targets=targets,
            security_configuration=self._args.security_configuration,
            # Landing data expires, but the tables that describe it must not be deleted with it.
            schema_change_policy=aws.glue.CrawlerSchemaChangePolicyArgs(
                delete_behavior="LOG", update_behavior="UPDATE_IN_DATABASE"
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
