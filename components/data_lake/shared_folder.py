"""An object dataset: a bucket of its own, which readers access through S3 access points (DL-09)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data_lake.network_perimeter import NetworkPerimeter
from components.identity.iam.arns import account_principal, arn_of
from components.identity.iam.statements import Conditions, Principals, Statement, policy_document
from components.security.encryption_key import THIS_KEY, EncryptionKey, EncryptionKeyArgs
from components.storage.bucket_policy import bucket_and_objects
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderReaders:
    """The readers of one team, with their access point."""

    access_point_name: str
    """Name of the access point in the data lake account."""

    account_ids: Mapping[str, pulumi.Input[str]]
    """Ids of the readers' accounts, by a unique name of each."""

    roles: Mapping[str, Sequence[pulumi.Input[str]]]
    """ARNs of the reading roles, by the prefix that they may read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SharedFolderArgs:
    """Arguments of :class:`SharedFolder`."""

    bucket_name: pulumi.Input[str]
    """Bucket name in the account-regional namespace. It begins like those of the zones, by which the trail records
    it."""

    key_alias: str
    """Alias of the dataset's key."""

    description: str
    """Description of what the key encrypts."""

    account_id: pulumi.Input[str]
    """Id of the data lake account."""

    region: str
    """Region of the data lake."""

    organization_id: pulumi.Input[str]
    """Id of the AWS Organization whose principals may be granted access (``o-…``)."""

    log_bucket_name: pulumi.Input[str]
    """Name of the data lake's bucket for access logs."""

    perimeter: NetworkPerimeter
    """Networks from which the objects may be reached."""

    noncurrent_retention_days: int
    """Days until a noncurrent object version expires."""

    readers: Mapping[str, FolderReaders]
    """Readers by team."""


class SharedFolder(pulumi.ComponentResource):
    """A bucket of objects that Lake Formation does not govern, readable only by the roles that the settings name.

    Three policies must allow a read: the access point of the team allows its roles to read their parts; the bucket
    policy allows the readers' accounts through these access points only; the policy of the dataset's own KMS key allows
    the same accounts to decrypt through S3. The lake's other buckets and its key are not involved.

    Creates: the key; the protected private bucket; one access point per team.

    Outputs: ``bucket_name``, ``key_arn``, ``access_points``.

    Raises: ValueError when the retention is shorter than one day.

    Cost: 1 USD a month for the key; S3 storage of all versions.

    Example::

        SharedFolder("folder-letters", SharedFolderArgs(
            bucket_name="acme-lake-letters-111111111111-eu-west-1-an", key_alias="plinth/data-lake/letters",
            description="Letters of customers", account_id="111111111111", region="eu-west-1",
            organization_id="o-acme", log_bucket_name=logs, perimeter=perimeter, noncurrent_retention_days=90,
            readers={"fraud": FolderReaders(
                access_point_name="fraud--letters", account_ids={"fraud-development": fraud_id},
                roles={"letters/historical/": [role_arn]},
            )},
        ))
    """

    bucket_name: pulumi.Output[str]
    """Name of the bucket, known once public access is blocked."""
    key_arn: pulumi.Output[str]
    """ARN of the dataset's key."""
    access_points: Mapping[str, pulumi.Output[str]]
    """Access point aliases by team, which readers use as a bucket name: ``s3://<alias>/…``."""

    def __init__(self, name: str, args: SharedFolderArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:SharedFolder", name, None, opts)
        self._name, self._args = name, args
        key = self._key()
        self.bucket_name, self.key_arn = self._bucket(key).bucket_name, key.arn
        self.access_points = {team: self._access_point(team, readers) for team, readers in args.readers.items()}
        self.register_outputs({"bucket_name": self.bucket_name, "access_points": self.access_points})

    def _key(self) -> EncryptionKey:
        args = EncryptionKeyArgs(
            alias=self._args.key_alias,
            description=self._args.description,
            account_id=self._args.account_id,
            region=self._args.region,
            services=["s3"],
            deliveries=list(self._decryption()),
            durable=True,
        )
        return EncryptionKey(f"{self._name}-key", args, pulumi.ResourceOptions(parent=self))

    def _bucket(self, key: EncryptionKey) -> PrivateBucket:
        args = PrivateBucketArgs(
            bucket_name=self._args.bucket_name,
            key_arn=key.arn,
            organization_id=self._args.organization_id,
            log_bucket_name=self._args.log_bucket_name,
            noncurrent_retention_days=self._args.noncurrent_retention_days,
            statements=lambda arn: [*self._args.perimeter.statements(arn), *self._delegation(arn)],
        )
        return PrivateBucket(self._name, args, pulumi.ResourceOptions(parent=self))

    def _access_point(self, team: str, readers: FolderReaders) -> pulumi.Output[str]:
        point = aws.s3.AccessPoint(
            f"{self._name}-{team}",
            name=readers.access_point_name,
            bucket=self.bucket_name,
            policy=policy_document(*self._read_statements(readers)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return point.alias

    def _read_statements(self, readers: FolderReaders) -> Iterator[Statement]:
        arn = self._access_point_arn(readers)
        principals = _accounts(readers.account_ids)
        for number, (prefix, roles) in enumerate(readers.roles.items(), start=1):
            named: Conditions = {**self._in_organization, "ArnEquals": {"aws:PrincipalArn": list(roles)}}
            yield Statement(
                sid=f"Find{number}",
                principals=principals,
                actions=["s3:ListBucket"],
                resources=[arn],
                conditions={**named, "StringLike": {"s3:prefix": [f"{prefix}*"]}},
            )
            yield Statement(
                sid=f"Read{number}",
                principals=principals,
                actions=["s3:GetObject"],
                resources=[pulumi.Output.concat(arn, f"/object/{prefix}*")],
                conditions=named,
            )

    def _delegation(self, arn: pulumi.Output[str]) -> Iterator[Statement]:
        """Builds the bucket policy statement for the access points, listed by name so that no other access point gives
        access."""
        if self._args.readers:
            yield Statement(
                sid="ReadersThroughTheirAccessPoints",
                principals=self._all_accounts(),
                actions=["s3:GetObject", "s3:ListBucket"],
                resources=bucket_and_objects(arn),
                conditions={
                    **self._in_organization,
                    "ArnEquals": {
                        "s3:DataAccessPointArn": [
                            self._access_point_arn(readers) for readers in self._args.readers.values()
                        ]
                    },
                },
            )

    def _decryption(self) -> Iterator[Statement]:
        if self._args.readers:
            yield Statement(
                sid="ReadersDecryptThroughS3",
                principals=self._all_accounts(),
                actions=["kms:Decrypt"],
                resources=THIS_KEY,
                conditions={
                    "StringEquals": {
                        **self._in_organization["StringEquals"],
                        "kms:ViaService": f"s3.{self._args.region}.amazonaws.com",
                    }
                },
            )

    @property
    def _in_organization(self) -> Conditions:
        """Returns the condition that the caller belongs to the organization, so that accounts that leave it lose
        access."""
        return {"StringEquals": {"aws:PrincipalOrgID": self._args.organization_id}}

    def _all_accounts(self) -> Principals:
        return _accounts(
            {name: of for readers in self._args.readers.values() for name, of in readers.account_ids.items()}
        )

    def _access_point_arn(self, readers: FolderReaders) -> pulumi.Output[str]:
        account = self._args.account_id
        return arn_of("s3", self._args.region, account, f"accesspoint/{readers.access_point_name}")


def _accounts(ids: Mapping[str, pulumi.Input[str]]) -> Principals:
    """Returns each account once, sorted, so that the order does not cause policy changes."""
    return {"AWS": [account_principal(ids[name]) for name in sorted(ids)]}
