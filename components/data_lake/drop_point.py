"""An S3 access point through which a team returns results of its models to the lake, but reads nothing (INT-08)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.arns import account_principal, arn_of
from components.identity.iam.statements import Conditions, Statement, policy_document
from components.identity.workloads.bounded_role import ROLE_PATH
from components.security.encryption_key import THIS_KEY
from settings.data.lake import RESULTS
from settings.types.naming import DROP_POINT_SUFFIX

WRITE_ACTIONS = ("s3:AbortMultipartUpload", "s3:PutObject")
"""Actions for writing an object, whole or in parts, and for aborting an upload."""
READ_AND_DELETE_ACTIONS = ("s3:DeleteObject*", "s3:GetObject*", "s3:ListBucket*")


@dataclass(frozen=True, kw_only=True, slots=True)
class DropPointArgs:
    """Arguments of :class:`DropPoint`."""

    access_point_name: str
    """Name of the access point in the data lake account."""

    bucket_name: pulumi.Input[str]
    """Name of the landing bucket, whose policy delegates access to results to access points like this one."""

    account_id: pulumi.Input[str]
    """Id of the data lake account."""

    region: str
    """Region of the data lake."""

    organization_id: pulumi.Input[str]
    """Id of the AWS Organization whose principals may be granted access (``o-…``)."""

    account_ids: Mapping[str, pulumi.Input[str]]
    """Ids of the accounts that return results, by a unique name of each."""

    roles: Mapping[str, Sequence[pulumi.Input[str]]]
    """ARNs of the writing roles by the folder to which only they write, without a trailing slash."""

    def __post_init__(self) -> None:
        for folder in self.roles:
            if not folder.startswith(f"{RESULTS}/"):
                raise ValueError(f"roles: {folder} is not under {RESULTS}/, the folder for results")


class DropPoint(pulumi.ComponentResource):
    """An access point that lets named roles write objects to their own folders, and lets nobody read.

    Through it, roles can neither read, list nor delete, whatever their own policies allow, and no other role can write.

    Creates: an access point with its policy.

    Outputs: ``alias``.

    Raises: ValueError when a folder is outside the folder for results.

    Cost: none.

    Example::

        DropPoint("drop-fraud", DropPointArgs(
            access_point_name="fraud--scores--drop", bucket_name=landing, account_id="111111111111",
            region="eu-west-1", organization_id="o-acme", account_ids={"fraud-production": fraud_id},
            roles={"results/scores/fraud/production": [role_arn]},
        ))
    """

    alias: pulumi.Output[str]
    """Alias of the access point, which replaces a bucket name: ``s3://<alias>/…``."""

    def __init__(self, name: str, args: DropPointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:DropPoint", name, None, opts)
        point = aws.s3.AccessPoint(
            name,
            name=args.access_point_name,
            bucket=args.bucket_name,
            policy=policy_document(*_statements(args)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.alias = point.alias
        self.register_outputs({"alias": self.alias})


def _statements(args: DropPointArgs) -> Iterator[Statement]:
    point = arn_of("s3", args.region, args.account_id, f"accesspoint/{args.access_point_name}")
    accounts = [account_principal(args.account_ids[account_id]) for account_id in sorted(args.account_ids)]
    for number, (folder, roles) in enumerate(args.roles.items(), start=1):
        yield Statement(
            sid=f"Take{number}",
            principals={"AWS": accounts},
            actions=WRITE_ACTIONS,
            resources=[pulumi.Output.concat(point, f"/object/{folder}/*")],
            conditions={
                "StringEquals": {"aws:PrincipalOrgID": args.organization_id},
                "ArnEquals": {"aws:PrincipalArn": list(roles)},
            },
        )
    everything: Sequence[pulumi.Input[str]] = [point, pulumi.Output.concat(point, "/object/*")]
    yield Statement(
        sid="GiveNothing", effect="Deny", principals="*", actions=READ_AND_DELETE_ACTIONS, resources=everything
    )
    # If the lake shares its account with environments, a role's own policy would suffice without this statement.
    yield Statement(
        sid="TakeFromNobodyElse",
        effect="Deny",
        principals="*",
        actions=WRITE_ACTIONS,
        resources=everything[1:],
        conditions={"ArnNotEquals": {"aws:PrincipalArn": [role for roles in args.roles.values() for role in roles]}},
    )


def delegate_results_to_access_points(
    arn: pulumi.Output[str], *, account_id: pulumi.Input[str], organization_id: pulumi.Input[str]
) -> Statement:
    """Builds the landing bucket's policy statement that delegates writing results to access points.

    It does not change with teams or results. The access points decide which role writes to which folder (S3 User Guide,
    "Delegating access control to access points").
    """
    points = arn_of("s3", "*", account_id, f"accesspoint/*--{DROP_POINT_SUFFIX}")
    return Statement(
        sid="LeaveResultsToDropPoints",
        principals="*",
        actions=WRITE_ACTIONS,
        resources=[pulumi.Output.concat(arn, f"/{RESULTS}/*")],
        conditions={
            "StringEquals": {"aws:PrincipalOrgID": organization_id},
            "ArnLike": {"s3:DataAccessPointArn": points},
        },
    )


def organization_encrypts_results(
    organization_id: pulumi.Input[str], region: str, landing_bucket: pulumi.Input[str]
) -> Statement:
    """Builds the key policy statement that lets roles of the organization encrypt results through S3.

    S3 calls KMS with the credentials of the writing role, and decrypts the parts of multipart uploads (S3 User Guide,
    "Multipart upload API and permissions"). The statement does not make objects readable, because the bucket policy
    does not allow reads. It does not change with teams or datasets.
    """
    bound: Conditions = {
        "StringEquals": {
            "aws:PrincipalOrgID": organization_id,
            "kms:EncryptionContext:aws:s3:arn": pulumi.Output.concat("arn:aws:s3:::", landing_bucket),
            "kms:ViaService": f"s3.{region}.amazonaws.com",
        },
        "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role{ROLE_PATH}*"},
    }
    return Statement(
        sid="OrganizationEncryptsResults",
        principals={"AWS": ["*"]},
        actions=["kms:Decrypt", "kms:GenerateDataKey"],
        resources=THIS_KEY,
        conditions=bound,
    )
