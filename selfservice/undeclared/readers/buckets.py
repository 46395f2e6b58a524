"""Amazon S3: policies, lists and public access of buckets, and access points of one account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from selfservice.undeclared.finding import Danger, Finding, worst
from selfservice.undeclared.policy_access import admissions
from selfservice.undeclared.reading import Reading, found_by

BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
PUBLIC_ACCESS = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
ACCOUNT_PUBLIC_ACCESS = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
ACCESS_POINT = "aws:s3/accessPoint:AccessPoint"
_EVERYONE = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)
_REMEDY = "Delete the bucket or its policy (`aws s3api delete-bucket-policy`)."


def read_buckets(reading: Reading) -> Iterator[Finding]:
    """Yields what buckets of the account allow that no stack declares, in all regions.

    A refresh compares the policies and public access blocks that stacks declare.
    """
    policies = reading.names("bucket", POLICY, everywhere=True)
    blocks = reading.names("bucket", PUBLIC_ACCESS, everywhere=True)
    s3, account = reading.client("s3"), reading.account.id
    blocked = bool(reading.names("id", ACCOUNT_PUBLIC_ACCESS, everywhere=True)) or _is_complete(
        found_by(lambda: reading.client("s3control").get_public_access_block(AccountId=account))
    )
    for bucket in reading.every("s3", "list_buckets", "Buckets"):
        name, since = bucket["Name"], bucket.get("CreationDate")
        with reading.of(f"policy of the bucket {name}"):
            if name not in policies:
                policy = s3.get_bucket_policy(Bucket=name)["Policy"]
                yield from _policy(reading, f"arn:aws:s3:::{name}", policy, since, _REMEDY)
        with reading.of(f"public access of the bucket {name}"):
            if (
                name not in blocks
                and not blocked
                and not _is_complete(found_by(partial(s3.get_public_access_block, Bucket=name)))
            ):
                yield reading.found(
                    Danger.ACCOUNT,
                    f"arn:aws:s3:::{name}",
                    "opening it to everyone with a policy or a list",
                    "Block public access (`aws s3api put-public-access-block`).",
                    since=since,
                )
        with reading.of(f"access control list of the bucket {name}"):
            if name not in reading.names("bucket", *BUCKETS, everywhere=True):
                yield from _lists(reading, name, since)


def read_access_points(reading: Reading) -> Iterator[Finding]:
    """Yields access points of the account and region that no stack declares."""
    client = reading.client("s3control")
    declared = reading.names("name", ACCESS_POINT)
    account = reading.account.id
    for point in reading.every("s3control", "list_access_points", "AccessPointList", AccountId=account):
        name, arn = point["Name"], point["AccessPointArn"]
        if name in declared:
            continue
        with reading.of(f"access point {name}"):
            described = client.get_access_point(AccountId=account, Name=name)
            remedy = f"Delete it (`aws s3control delete-access-point --account-id {account} --name {name}`)."
            found = found_by(partial(client.get_access_point_policy, AccountId=account, Name=name))
            admitted = [] if found is None else admissions(found["Policy"], account, reading.organization)
            yield reading.found(
                worst(admission.danger for admission in admitted) or Danger.ACCOUNT,
                arn,
                f"reaching the bucket {point['Bucket']} by another name and policy",
                remedy,
                principals=tuple(dict.fromkeys(admission.principal for admission in admitted)),
                since=described.get("CreationDate"),
            )


def _policy(reading: Reading, resource: str, policy: str, since: object, remedy: str) -> Iterator[Finding]:
    for admission in admissions(policy, reading.account.id, reading.organization):
        yield reading.found(
            admission.danger,
            resource,
            ", ".join(admission.actions),
            remedy,
            principals=(admission.principal,),
            since=since,
        )


def _is_complete(block: Mapping[str, Any] | None) -> bool:
    """Returns whether an answer of GetPublicAccessBlock blocks all kinds of public access."""
    return block is not None and all(block["PublicAccessBlockConfiguration"].values())


def _lists(reading: Reading, bucket: str, since: object) -> Iterator[Finding]:
    found = reading.client("s3").get_bucket_acl(Bucket=bucket)
    for grant in found.get("Grants") or ():
        grantee = grant["Grantee"]
        if grantee.get("ID") in (None, found["Owner"]["ID"]) and grantee.get("URI") not in _EVERYONE:
            continue
        yield reading.found(
            Danger.OUTSIDE,
            f"arn:aws:s3:::{bucket}",
            f"{grant['Permission']} by its access control list",
            "Make the list private (`aws s3api put-bucket-acl --acl private`).",
            principals=(str(grantee.get("URI", grantee.get("ID"))),),
            since=since,
        )
