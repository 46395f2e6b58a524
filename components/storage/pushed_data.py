"""Permissions for lake jobs that push data into the bucket of an environment (INT-07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.identity.iam.arns import account_principal, arn_of
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import ROLE_PATH
from components.security.encryption_key import THIS_KEY
from settings.data.ml_layout import PUSHED

PUT = ("s3:AbortMultipartUpload", "s3:PutObject")


@dataclass(frozen=True, kw_only=True, slots=True)
class LakePushJobs:
    """The lake jobs that write to an environment's bucket. There are none unless a dataset is configured to be
    pushed."""

    account_id: pulumi.Input[str]
    """Id of the data lake account."""
    organization_id: pulumi.Input[str]
    region: str
    roles: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Folders of the bucket, each with a trailing slash, by the name of the role that writes to them."""

    @property
    def folders(self) -> tuple[str, ...]:
        """Returns the top-level folders that the layout has in addition to those of the use cases."""
        return (PUSHED,) if self.roles else ()

    def arns(self) -> list[pulumi.Input[str]]:
        return [self._arn(name) for name in self.roles]

    def bucket_statements(self, arn: pulumi.Output[str]) -> list[Statement]:
        """Builds bucket policy statements that let each job write to its own folders, and deny them to everybody
        else."""
        if not self.roles:
            return []
        admitted = [
            Statement(
                sid=f"TakeWhatIsPushed{number}",
                principals=self._account,
                actions=PUT,
                resources=[pulumi.Output.concat(arn, f"/{folder}*") for folder in folders],
                conditions={
                    "ArnEquals": {"aws:PrincipalArn": self._arn(name)},
                    "StringEquals": {"aws:PrincipalOrgID": self.organization_id},
                },
            )
            for number, (name, folders) in enumerate(self.roles.items(), start=1)
        ]
        others = Statement(
            sid="RefuseOtherPushers",
            effect="Deny",
            principals="*",
            actions=["s3:PutObject"],
            resources=[pulumi.Output.concat(arn, f"/{PUSHED}/*")],
            conditions={"ArnNotEquals": {"aws:PrincipalArn": self.arns()}},
        )
        return [*admitted, others]

    def key_statements(self, bucket_name: pulumi.Input[str]) -> list[Statement]:
        """Builds key policy statements that let the jobs encrypt through S3 for this bucket.

        Multipart uploads also require Decrypt.
        """
        if not self.roles:
            return []
        return [
            Statement(
                sid="PushersEncryptThroughS3",
                principals=self._account,
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=THIS_KEY,
                conditions={
                    "ArnEquals": {"aws:PrincipalArn": self.arns()},
                    "StringEquals": {
                        "aws:PrincipalOrgID": self.organization_id,
                        "kms:EncryptionContext:aws:s3:arn": pulumi.Output.concat("arn:aws:s3:::", bucket_name),
                        "kms:ViaService": f"s3.{self.region}.amazonaws.com",
                    },
                },
            )
        ]

    @property
    def _account(self) -> dict[str, Sequence[pulumi.Input[str]]]:
        return {"AWS": [account_principal(self.account_id)]}

    def _arn(self, name: str) -> pulumi.Output[str]:
        return arn_of("iam", "", self.account_id, f"role{ROLE_PATH}{name}")
