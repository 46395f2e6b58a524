"""A dataset that is a folder of objects: a bucket of its own, which its readers reach by access points (DL-09)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data_lake.network_perimeter import NetworkWall
from components.identity.iam.statements import Conditions, Principals, Statement, policy_document
from components.security.encryption_key import THIS_KEY, EncryptionKey, EncryptionKeyArgs
from components.storage.bucket_policy import bucket_and_objects
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderReaders:
    """Those of a team who read a folder, through an access point of theirs."""

    access_point_name: str
    """Name in the account of the lake."""

    account_ids: Mapping[str, pulumi.Input[str]]
    """Accounts that they read in, by a name that is each account's alone."""

    roles: Mapping[str, Sequence[pulumi.Input[str]]]
    """ARNs of the roles that read, by the prefix of what they read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SharedFolderArgs:
    """Arguments of :class:`SharedFolder`."""

    bucket_name: pulumi.Input[str]
    """Name in the account-regional namespace; it begins as those of the zones do, by which the trail knows them."""

    key_alias: str
    """Name by which people find the folder's key."""

    description: str
    """What the key encrypts."""

    account_id: pulumi.Input[str]
    """Account of the lake."""

    region: str
    """Region of the lake."""

    organization_id: pulumi.Input[str]
    """AWS Organization whose principals may be granted access (``o-…``)."""

    log_bucket_name: pulumi.Input[str]
    """Bucket that takes the access log of the lake."""

    wall: NetworkWall
    """From where the folder may be reached."""

    noncurrent_retention_days: int
    """Days that a replaced version of an object stays."""

    readers: Mapping[str, FolderReaders]
    """By team."""


class SharedFolder(pulumi.ComponentResource):
    """Objects that Lake Formation does not govern, read by exactly the roles that the sharing map names.

    Three policies have to agree before an object is read. An access point of each team lets the team's roles read
    their parts; the bucket's policy lets the readers' accounts in through these access points alone; the policy of the
    folder's own key lets the same accounts decrypt through S3. The lake's other buckets and its key know nothing of it.

    Creates: the key; the protected bucket with all that every bucket has; an access point for each team that reads.

    Args: see :class:`SharedFolderArgs`.

    Outputs: ``bucket_name``, ``access_points``.

    Raises: ValueError when the retention is under a day.

    Cost: 1 USD a month for the key; S3 storage of every version.

    Example::

        SharedFolder("folder-letters", SharedFolderArgs(
            bucket_name="acme-lake-letters-111111111111-eu-west-1-an", key_alias="plinth/data-lake/letters",
            description="Letters of customers", account_id="111111111111", region="eu-west-1",
            organization_id="o-acme", log_bucket_name=logs, wall=wall, noncurrent_retention_days=90,
            readers={"fraud": FolderReaders(
                access_point_name="fraud--letters", account_ids={"fraud-development": fraud_id},
                roles={"letters/historical/": [role_arn]},
            )},
        ))
    """

    bucket_name: pulumi.Output[str]
    """Name, known once the bucket refuses the public."""
    access_points: Mapping[str, pulumi.Output[str]]
    """Alias by team, which readers write in the place of a bucket's name: ``s3://<alias>/…``."""

    def __init__(self, name: str, args: SharedFolderArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:SharedFolder", name, None, opts)
        self._name, self._args = name, args
        self.bucket_name = self._bucket(self._key()).bucket_name
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
            statements=lambda arn: [*self._args.wall.around(arn), *self._way_in(arn)],
        )
        return PrivateBucket(self._name, args, pulumi.ResourceOptions(parent=self))

    def _access_point(self, team: str, readers: FolderReaders) -> pulumi.Output[str]:
        point = aws.s3.AccessPoint(
            f"{self._name}-{team}",
            name=readers.access_point_name,
            bucket=self.bucket_name,
            policy=policy_document(*self._reading(readers)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return point.alias

    def _reading(self, readers: FolderReaders) -> Iterator[Statement]:
        arn = self._access_point_arn(readers)
        principals = _accounts(readers.account_ids)
        for number, (prefix, roles) in enumerate(readers.roles.items(), start=1):
            named: Conditions = {**self._ours, "ArnEquals": {"aws:PrincipalArn": list(roles)}}
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

    def _way_in(self, arn: pulumi.Output[str]) -> Iterator[Statement]:
        """By name, not by whose they are: no other access point of the account leads into the folder."""
        if self._args.readers:
            yield Statement(
                sid="ReadersThroughTheirAccessPoints",
                principals=self._accounts_of_all(),
                actions=["s3:GetObject", "s3:ListBucket"],
                resources=bucket_and_objects(arn),
                conditions={
                    **self._ours,
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
                principals=self._accounts_of_all(),
                actions=["kms:Decrypt"],
                resources=THIS_KEY,
                conditions={
                    "StringEquals": {
                        **self._ours["StringEquals"],
                        "kms:ViaService": f"s3.{self._args.region}.amazonaws.com",
                    }
                },
            )

    @property
    def _ours(self) -> Conditions:
        """An account that leaves the organization reads no more, whoever still names it."""
        return {"StringEquals": {"aws:PrincipalOrgID": self._args.organization_id}}

    def _accounts_of_all(self) -> Principals:
        return _accounts(
            {name: of for readers in self._args.readers.values() for name, of in readers.account_ids.items()}
        )

    def _access_point_arn(self, readers: FolderReaders) -> pulumi.Output[str]:
        account = self._args.account_id
        return pulumi.Output.concat(
            f"arn:aws:s3:{self._args.region}:", account, f":accesspoint/{readers.access_point_name}"
        )


def _accounts(ids: Mapping[str, pulumi.Input[str]]) -> Principals:
    """Each account once, in one order: a policy that reads differently would be written anew."""
    return {"AWS": [pulumi.Output.concat("arn:aws:iam::", ids[name], ":root") for name in sorted(ids)]}
