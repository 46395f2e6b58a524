"""Where a team lays down what its models found: an access point that takes objects in and gives none out (INT-08)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.statements import Conditions, Statement, policy_document
from components.identity.workloads.bounded_role import ROLE_PATH
from components.security.encryption_key import THIS_KEY
from settings.data.lake import RESULTS
from settings.types.naming import DROP_POINT_SUFFIX

TAKE = ("s3:AbortMultipartUpload", "s3:PutObject")
"""Laying an object down, whole or in parts, and giving up on it."""
GIVE = ("s3:DeleteObject*", "s3:GetObject*", "s3:ListBucket*")


@dataclass(frozen=True, kw_only=True, slots=True)
class DropPointArgs:
    """Arguments of :class:`DropPoint`."""

    access_point_name: str
    """Name in the account of the lake."""

    bucket_name: pulumi.Input[str]
    """Landing bucket, whose policy leaves results to access points like this one."""

    account_id: pulumi.Input[str]
    """Account of the lake."""

    region: str
    """Region of the lake."""

    organization_id: pulumi.Input[str]
    """AWS Organization whose principals may be granted access (``o-…``)."""

    account_ids: Mapping[str, pulumi.Input[str]]
    """Accounts that results come from, by a name that is each account's alone."""

    roles: Mapping[str, Sequence[pulumi.Input[str]]]
    """ARNs of the roles that write, by the folder that is theirs alone, without the slash at its end."""

    def __post_init__(self) -> None:
        for folder in self.roles:
            if not folder.startswith(f"{RESULTS}/"):
                raise ValueError(f"roles: {folder} is not under {RESULTS}/, where results land")


class DropPoint(pulumi.ComponentResource):
    """The one way into the lake from outside: named roles put objects into their own folder, and nobody gets one out.

    Whatever else their policies say, through here roles neither read nor list nor delete, and no other role writes.

    Creates: an access point with its policy.

    Args: see :class:`DropPointArgs`.

    Outputs: ``alias``.

    Raises: ValueError when a folder lies outside those of results.

    Cost: none.

    Example::

        DropPoint("drop-fraud", DropPointArgs(
            access_point_name="fraud--scores--drop", bucket_name=landing, account_id="111111111111",
            region="eu-west-1", organization_id="o-acme", account_ids={"fraud-production": fraud_id},
            roles={"results/scores/fraud/production": [role_arn]},
        ))
    """

    alias: pulumi.Output[str]
    """What stands where a bucket's name does: ``s3://<alias>/…``."""

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
    point = pulumi.Output.concat(
        f"arn:aws:s3:{args.region}:", args.account_id, f":accesspoint/{args.access_point_name}"
    )
    accounts = [
        pulumi.Output.concat("arn:aws:iam::", args.account_ids[one], ":root") for one in sorted(args.account_ids)
    ]
    for number, (folder, roles) in enumerate(args.roles.items(), start=1):
        yield Statement(
            sid=f"Take{number}",
            principals={"AWS": accounts},
            actions=TAKE,
            resources=[pulumi.Output.concat(point, f"/object/{folder}/*")],
            conditions={
                "StringEquals": {"aws:PrincipalOrgID": args.organization_id},
                "ArnEquals": {"aws:PrincipalArn": list(roles)},
            },
        )
    everything: Sequence[pulumi.Input[str]] = [point, pulumi.Output.concat(point, "/object/*")]
    yield Statement(sid="GiveNothing", effect="Deny", principals="*", actions=GIVE, resources=everything)
    # Where the lake shares its account with environments, a role's own policy would be enough.
    yield Statement(
        sid="TakeFromNobodyElse",
        effect="Deny",
        principals="*",
        actions=TAKE,
        resources=everything[1:],
        conditions={"ArnNotEquals": {"aws:PrincipalArn": [role for roles in args.roles.values() for role in roles]}},
    )


def leave_results_to_drop_points(
    arn: pulumi.Output[str], *, account_id: pulumi.Input[str], organization_id: pulumi.Input[str]
) -> Statement:
    """For the policy of the landing bucket: written once, whichever teams return whichever results. Which role writes
    which folder, the access points of the account say (S3 User Guide, "Delegating access control to access points")."""
    points = pulumi.Output.concat("arn:aws:s3:*:", account_id, f":accesspoint/*--{DROP_POINT_SUFFIX}")
    return Statement(
        sid="LeaveResultsToDropPoints",
        principals="*",
        actions=TAKE,
        resources=[pulumi.Output.concat(arn, f"/{RESULTS}/*")],
        conditions={
            "StringEquals": {"aws:PrincipalOrgID": organization_id},
            "ArnLike": {"s3:DataAccessPointArn": points},
        },
    )


def organization_encrypts_results(
    organization_id: pulumi.Input[str], region: str, landing_bucket: pulumi.Input[str]
) -> Statement:
    """For the policy of the lake's key: S3 uses it in the name of who lays something into the landing bucket, and
    decrypts the parts of what comes in parts (S3 User Guide, "Multipart upload API and permissions"). That lets nobody
    read an object whom the bucket does not let read it. A team or a dataset more changes nothing here.
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
