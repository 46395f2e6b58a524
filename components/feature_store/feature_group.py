"""A feature group of SageMaker Feature Store whose offline store is governed by Lake Formation."""

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
    """Settings of the feature group: its features, stores and consumers."""

    account_id: pulumi.Input[str]
    """Id of the data lake account, whose Glue Data Catalog contains the offline store."""

    region: str
    """Region of the data lake."""

    bucket_name: pulumi.Input[str]
    """Name of the curated zone's bucket, which is registered with Lake Formation."""

    database: pulumi.Input[str]
    """Name of the features database."""

    key_arn: pulumi.Input[str]
    """ARN of the data lake's KMS key, which encrypts both stores."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""


class FeatureGroup(pulumi.ComponentResource):
    """A feature group: the online store has the latest value of each record; the offline store has all values, as a
    table of the data lake with LF-tags.

    Feature Store creates the table with the deployer's credentials and fills it with a role that may write only this
    group's folder and table. As with datasets, readers get access by LF-tags only. Offline data and its table stay when
    the group is deleted; the table loses its LF-tags.

    Creates: the group; the role; with an offline store, the role's grants on database, table and data location, the
    table's LF-tags, and LF-tags on the columns that experiments may read.

    Outputs: ``arn``, ``location``.

    Raises: SettingsError when the name of the role would be too long.

    Cost: writes, reads and storage of the online store; S3 storage of the offline store.

    Example::

        FeatureGroup("group", FeatureGroupArgs(
            group=group, account_id="111111111111", region="eu-west-1", database="features",
            bucket_name="acme-lake-curated-111111111111-eu-west-1-an", key_arn=key_arn, boundary_arn=boundary_arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the group, for other accounts; known once the offline store has its LF-tags."""
    location: pulumi.Output[str] | None
    """``s3://…/`` URI of the offline store. None if there is no offline store."""

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
        """Allows access to the offline store's objects, without ACLs.

        Source: SageMaker Developer Guide, "Adding policies to your IAM role" of Feature Store.
        """
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
        """Allows updates of the table, because each commit to an Iceberg table updates it in the data catalog."""
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
        """Grants access to the table and tags it. Feature Store creates the table with the group, so both depend on the
        group."""
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
