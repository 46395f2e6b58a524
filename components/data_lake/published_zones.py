"""The data locations governed by Lake Formation, and the databases of published datasets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from settings.data.feature_group import FOLDER
from settings.data.lake import PARTS, Part, Zone
from settings.derived.sharing import SHARED_TAGS, ZONE

PUBLISHED: tuple[Zone, ...] = ("curated", "results")
"""Zones from which datasets are published. Only the lake's own jobs access landing and raw."""

DESCRIPTIONS: Mapping[str, str] = {
    "historical": "What models are trained on: a table for each dataset",
    "inference": "What models are tried on and infer from: a table for each dataset",
    FOLDER: "Offline stores of Feature Store: a table for each group of features",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedZonesArgs:
    """Arguments of :class:`PublishedZones`."""

    role_name: str
    """Name of the role with which Lake Formation reads the zones on behalf of grantees."""

    account_id: pulumi.Input[str]
    """Id of the data lake account."""

    zone_arns: Mapping[Zone, pulumi.Input[str]]
    """ARNs of the published zones' buckets."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts the zones."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""


class PublishedZones(pulumi.ComponentResource):
    """The zones governed by Lake Formation, which reads them with one role for principals that have access by LF-tags.

    No other role reads the zones for others, and no data location is granted to anybody. Create it after
    :class:`LakeFormationSettings`: a database created earlier is accessible to whatever IAM allows.

    Creates: the role; the registration of each published zone; the LF-tags shared by all datasets; one database for
    each dataset part and one for features, with LF-tags that let readers of their tables describe them.

    Outputs: ``databases``, ``features_database``.

    Cost: none.

    Example::

        PublishedZones("published", PublishedZonesArgs(
            role_name="data-lake-reader", account_id="111111111111", key_arn=key.arn, boundary_arn=boundary.arn,
            zone_arns={"curated": curated.arn, "results": results.arn},
        ), pulumi.ResourceOptions(depends_on=[settings]))
    """

    databases: Mapping[Part, pulumi.Output[str]]
    """Name of each part's database, known once it is tagged."""
    features_database: pulumi.Output[str]
    """Name of the features database, known once it is tagged."""

    def __init__(self, name: str, args: PublishedZonesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:PublishedZones", name, None, opts)
        self._name, self._args = name, args
        self._register(self._role())
        tags = self._tags()
        self.databases = {part: self._database(part, tags) for part in PARTS}
        self.features_database = self._database(FOLDER, tags)
        self.register_outputs({"databases": self.databases, "features_database": self.features_database})

    def _role(self) -> BoundedRole:
        arns = [self._args.zone_arns[zone] for zone in PUBLISHED]
        read = [
            Statement(sid="FindData", actions=["s3:GetBucketLocation", "s3:ListBucket"], resources=arns),
            Statement(
                sid="ReadData",
                actions=["s3:GetObject", "s3:GetObjectVersion"],
                resources=[pulumi.Output.concat(arn, "/*") for arn in arns],
            ),
            Statement(sid="DecryptData", actions=["kms:Decrypt"], resources=[self._args.key_arn]),
        ]
        args = BoundedRoleArgs(
            role_name=self._args.role_name,
            description="Lake Formation reads published data for whom it granted it",
            trust=service_trust("lakeformation", account_id=self._args.account_id),
            permissions=read,
            boundary_arn=self._args.boundary_arn,
        )
        return BoundedRole(f"{self._name}-reader", args, pulumi.ResourceOptions(parent=self))

    def _register(self, role: BoundedRole) -> None:
        for zone in PUBLISHED:
            aws.lakeformation.Resource(
                f"{self._name}-{zone}",
                arn=self._args.zone_arns[zone],
                role_arn=role.arn,
                hybrid_access_enabled=False,
                opts=pulumi.ResourceOptions(parent=self),
            )

    def _tags(self) -> list[aws.lakeformation.LfTag]:
        return [
            aws.lakeformation.LfTag(
                f"{self._name}-tag-{key}", key=key, values=list(values), opts=pulumi.ResourceOptions(parent=self)
            )
            for key, values in SHARED_TAGS.items()
        ]

    def _database(self, name: str, tags: list[aws.lakeformation.LfTag]) -> pulumi.Output[str]:
        database = aws.glue.CatalogDatabase(
            f"{self._name}-{name}",
            name=name,
            description=DESCRIPTIONS[name],
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
        tagged = aws.lakeformation.ResourceLfTags(
            f"{self._name}-{name}-tags",
            database=aws.lakeformation.ResourceLfTagsDatabaseArgs(name=database.name),
            lf_tags=[aws.lakeformation.ResourceLfTagsLfTagArgs(key=ZONE, value="curated")],
            opts=pulumi.ResourceOptions(parent=self, depends_on=tags),
        )
        return pulumi.Output.all(database.name, tagged.id).apply(lambda known: str(known[0]))
