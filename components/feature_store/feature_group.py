"""A group of features in Feature Store, its offline store under Lake Formation's grants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from settings.data import feature_group as settings
from settings.derived.feature_sharing import columns_for_experiments, group_tags
from settings.derived.sharing import EXPOSURE
from settings.types.naming import feature_store_role

TYPES: Mapping[settings.FeatureType, str] = {"string": "String", "integral": "Integral", "fractional": "Fractional"}
FORMATS: Mapping[str, str] = {"iceberg": "Iceberg", "glue": "Glue"}


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureGroupArgs:
    """Arguments of :class:`FeatureGroup`."""

    group: settings.FeatureGroup
    """What it consists of, and whom it is shared with."""

    account_id: pulumi.Input[str]
    """Account of the lake, whose catalogue the offline store is in."""

    region: str
    """Region of the lake."""

    bucket_name: pulumi.Input[str]
    """Bucket of the curated zone, which is registered with Lake Formation."""

    database: pulumi.Input[str]
    """Database of features."""

    key_arn: pulumi.Input[str]
    """Key of the lake, which encrypts both stores."""

    boundary_arn: pulumi.Input[str]
    """Permissions boundary of the account."""


class FeatureGroup(pulumi.ComponentResource):
    """Records online, the latest of each; every record offline, in the lake, tagged with what it is and for whom.

    Feature Store makes the table itself, in the name of whoever deploys, and fills it in the name of a role that
    writes this group's folder and table and nothing else. Readers are named by tag alone, as with datasets. What is
    stored offline stays when the group goes, and so does the table, without its tags.

    Creates: the group; the role; with an offline store the role's grants on database, table and place, the table's
    tags, and tags of the columns that experiments read.

    Args: see :class:`FeatureGroupArgs`.

    Outputs: ``arn``, ``location``.

    Raises: SettingsError when the role's name would be too long.

    Cost: what is written, read and kept online; S3 storage offline.

    Example::

        FeatureGroup("group", FeatureGroupArgs(
            group=group, account_id="111111111111", region="eu-west-1", database="features",
            bucket_name="acme-lake-curated-111111111111-eu-west-1-an", key_arn=key_arn, boundary_arn=boundary_arn,
        ))
    """

    arn: pulumi.Output[str]
    """By which other accounts name it; known once the offline store is tagged."""
    location: pulumi.Output[str] | None
    """``s3://…/`` of its offline store, where it has one."""

    def __init__(self, name: str, args: FeatureGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:feature_store:FeatureGroup", name, None, opts)
        self._name, self._args = name, args
        role = self._role()
        group = self._group(role)
        self.location = pulumi.Output.concat("s3://", self._folder()) if args.group.offline else None
        tagged = self._govern(role, group) if args.group.offline else []
        done = pulumi.Output.all(group.arn, *(resource.id for resource in tagged))
        self.arn = done.apply(lambda known: str(known[0]))
        self.register_outputs({"arn": self.arn, "location": self.location})

    def _folder(self) -> pulumi.Output[str]:
        return pulumi.Output.concat(self._args.bucket_name, f"/{self._args.group.prefix}")

    def _role(self) -> BoundedRole:
        args = BoundedRoleArgs(
            role_name=feature_store_role(self._args.group.name),
            description=f"Feature Store fills the offline store of {self._args.group.name}",
            trust=service_trust("sagemaker", account_id=self._args.account_id),
            permissions=[*self._store(), *self._catalogue()],
            boundary_arn=self._args.boundary_arn,
        )
        return BoundedRole(f"{self._name}-role", args, pulumi.ResourceOptions(parent=self))

    def _store(self) -> list[Statement]:
        """SageMaker Developer Guide, "Adding policies to your IAM role" of Feature Store; no access lists are set."""
        bucket = pulumi.Output.concat("arn:aws:s3:::", self._args.bucket_name)
        return [
            Statement(
                sid="FindStore",
                actions=["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:ListBucket"],
                resources=[bucket],
            ),
            Statement(
                sid="FillStore",
                actions=["s3:GetObject", "s3:PutObject"],
                resources=[pulumi.Output.concat("arn:aws:s3:::", self._folder(), "*")],
            ),
            Statement(sid="UseTheKey", actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[self._args.key_arn]),
        ]

    def _catalogue(self) -> list[Statement]:
        """Each commit to an Iceberg table is a change of the table."""
        start = pulumi.Output.concat(f"arn:aws:glue:{self._args.region}:", self._args.account_id, ":")
        table = pulumi.Output.concat(start, "table/", self._args.database, f"/{self._args.group.table}")
        database = pulumi.Output.concat(start, "database/", self._args.database)
        return [
            Statement(
                sid="KeepTable",
                actions=["glue:GetTable", "glue:UpdateTable"],
                resources=[pulumi.Output.concat(start, "catalog"), database, table],
            )
        ]

    def _group(self, role: BoundedRole) -> aws.sagemaker.FeatureGroup:
        group = self._args.group
        return aws.sagemaker.FeatureGroup(
            self._name,
            feature_group_name=group.name,
            description=group.description or None,
            role_arn=role.arn,
            record_identifier_feature_name=group.record_identifier,
            event_time_feature_name=group.event_time,
            feature_definitions=[
                aws.sagemaker.FeatureGroupFeatureDefinitionArgs(
                    feature_name=feature.name, feature_type=TYPES[feature.type]
                )
                for feature in group.features
            ],
            online_store_config=self._online(),
            offline_store_config=self._offline(),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _online(self) -> aws.sagemaker.FeatureGroupOnlineStoreConfigArgs | None:
        group = self._args.group
        if not group.online:
            return None
        lasts = aws.sagemaker.FeatureGroupOnlineStoreConfigTtlDurationArgs(unit="Hours", value=group.ttl_hours)
        return aws.sagemaker.FeatureGroupOnlineStoreConfigArgs(
            enable_online_store=True,
            security_config=aws.sagemaker.FeatureGroupOnlineStoreConfigSecurityConfigArgs(
                kms_key_id=self._args.key_arn
            ),
            ttl_duration=lasts if group.ttl_hours else None,
        )

    def _offline(self) -> aws.sagemaker.FeatureGroupOfflineStoreConfigArgs | None:
        group = self._args.group
        if not group.offline:
            return None
        return aws.sagemaker.FeatureGroupOfflineStoreConfigArgs(
            table_format=FORMATS[group.table_format],
            data_catalog_config=aws.sagemaker.FeatureGroupOfflineStoreConfigDataCatalogConfigArgs(
                catalog="AwsDataCatalog", database=self._args.database, table_name=group.table
            ),
            s3_storage_config=aws.sagemaker.FeatureGroupOfflineStoreConfigS3StorageConfigArgs(
                s3_uri=pulumi.Output.concat("s3://", self._folder()).apply(lambda uri: uri.rstrip("/")),
                kms_key_id=self._args.key_arn,
            ),
        )

    def _govern(self, role: BoundedRole, group: aws.sagemaker.FeatureGroup) -> Sequence[pulumi.CustomResource]:
        """The table is there when the group is; before that there is nothing to grant or to tag."""
        opts = pulumi.ResourceOptions(parent=self, depends_on=[group])
        database, table = self._args.database, self._args.group.table
        self._grant(
            "table",
            role,
            ["ALTER", "DESCRIBE", "INSERT", "SELECT"],
            opts,
            table=aws.lakeformation.PermissionsTableArgs(database_name=database, name=table),
        )
        self._grant(
            "database", role, ["DESCRIBE"], opts, database=aws.lakeformation.PermissionsDatabaseArgs(name=database)
        )
        self._grant(
            "place",
            role,
            ["DATA_LOCATION_ACCESS"],
            opts,
            data_location=aws.lakeformation.PermissionsDataLocationArgs(
                arn=pulumi.Output.concat("arn:aws:s3:::", self._args.bucket_name)
            ),
        )
        tagged = aws.lakeformation.ResourceLfTags(
            f"{self._name}-tags",
            table=aws.lakeformation.ResourceLfTagsTableArgs(database_name=database, name=table),
            lf_tags=[
                aws.lakeformation.ResourceLfTagsLfTagArgs(key=key, value=value)
                for key, value in sorted(group_tags(self._args.group).items())
            ],
            opts=opts,
        )
        return [tagged, *self._for_experiments(tagged)]

    def _grant(
        self,
        suffix: str,
        role: BoundedRole,
        permissions: list[str],
        opts: pulumi.ResourceOptions,
        *,
        database: aws.lakeformation.PermissionsDatabaseArgs | None = None,
        table: aws.lakeformation.PermissionsTableArgs | None = None,
        data_location: aws.lakeformation.PermissionsDataLocationArgs | None = None,
    ) -> None:
        aws.lakeformation.Permissions(
            f"{self._name}-{suffix}",
            principal=role.arn,
            permissions=permissions,
            database=database,
            table=table,
            data_location=data_location,
            opts=opts,
        )

    def _for_experiments(self, after: pulumi.Resource) -> list[pulumi.CustomResource]:
        columns = columns_for_experiments(self._args.group)
        if not columns:
            return []
        return [
            aws.lakeformation.ResourceLfTags(
                f"{self._name}-columns",
                table_with_columns=aws.lakeformation.ResourceLfTagsTableWithColumnsArgs(
                    database_name=self._args.database, name=self._args.group.table, column_names=list(columns)
                ),
                lf_tags=[aws.lakeformation.ResourceLfTagsLfTagArgs(key=EXPOSURE, value="anonymised")],
                opts=pulumi.ResourceOptions(parent=self, depends_on=[after]),
            )
        ]
